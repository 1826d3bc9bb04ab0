"""Week 1: from JAX itself to a neuron that learns a line."""

# %% [markdown]
# # Week 1: a program that learns its rule
#
# In most programs a person writes the rule and the computer applies it. This week it is the other
# way round: you give examples, the computer finds the rule. Read `exercises/week1.md` beside this
# file; it has the pictures and the words.
#
# How to work: run one cell after the other (VS Code shows "Run Cell" above each `# %%`). A function
# whose body is `raise NotImplementedError(...)` is yours to write: replace that one line. Then ask
# the grader in a terminal, as often as you like:
#
#     python -m grader week1
#     python -m grader hint week1

# %%
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

# %% [markdown]
# ## Part 0: JAX in six cells
#
# JAX looks like NumPy (`jnp` instead of `np`) and adds three things: it differentiates your
# function, it compiles it, and it runs it on a whole batch. In return it wants functions that only
# compute: same inputs, same outputs, nothing changed on the side.
#
# ### Cell 1: arrays do not change
# `values[0] = 9` is an error in JAX. `values.at[0].set(9)` makes a *new* array; the old one stays
# as it was. Keep the result, or it is lost.

# %%
if __name__ == "__main__":
    values = jnp.array([1.0, 2.0, 3.0])
    changed = values.at[0].set(9.0)
    print("old:", values, " new:", changed)

# %% [markdown]
# ### Cell 2: `jax.grad` differentiates
# Give it a function with one number as its answer, get back a function that computes the slope. The
# slope of x² at 3 is 6. `argnums` says with respect to which argument, or which ones.

# %%
if __name__ == "__main__":
    slope = jax.grad(lambda x: x**2)
    print("slope of x² at 3:", slope(3.0))
    both = jax.grad(lambda a, b: a**2 * b, argnums=(0, 1))
    print("slopes of a²·b at (3, 5):", both(3.0, 5.0))

# %% [markdown]
# ### Cell 3: `jax.jit` compiles, and what tracing means
# The first call runs your Python once with *tracers*: stand-ins that know their shape and dtype but
# have no value yet. JAX writes down what happens to them and compiles that. Later calls run the
# compiled program, and no Python at all. So `print` speaks once, and `if x > 0:` fails on a tracer:
# there is no value to look at. Use `jnp.where(x > 0, ...)`, or `jax.debug.print` to see values.


# %%
@jax.jit
def half_or_double(x):
    """Halves numbers of 1 or more and doubles the others: `where` instead of `if`."""
    print("  tracing with", x)
    return jnp.where(x >= 1, x / 2, x * 2)


if __name__ == "__main__":
    print("first call:", half_or_double(4.0))
    print("second call, nothing traced:", half_or_double(0.5))

# %% [markdown]
# ### Cell 4: `jax.vmap` maps over a batch
# Write the function for *one* example; `vmap` gives the one for many. `in_axes` says which argument
# has the extra axis (0: the first one) and which is the same for all (None).

# %%
if __name__ == "__main__":
    line_at = lambda weight, x: weight * x - 1
    print("one:", line_at(2.0, 3.0))
    print("many:", jax.vmap(line_at, in_axes=(None, 0))(2.0, jnp.array([0.0, 1.0, 2.0])))

# %% [markdown]
# ### Cell 5: random keys are explicit
# NumPy keeps hidden state, and each call changes it. JAX has none: you pass a *key*. The same key
# gives the same numbers, always; for other numbers split the key first, and use each key once.

# %%
if __name__ == "__main__":
    key = jax.random.key(7)
    print("same key, same numbers:", jax.random.normal(key), jax.random.normal(key))
    key_a, key_b = jax.random.split(key)
    print("split keys, other numbers:", jax.random.normal(key_a), jax.random.normal(key_b))

# %% [markdown]
# ### Cell 6: pytrees
# A dict, list or tuple of arrays, nested as you like, is a *pytree*. `jax.grad` takes one and gives
# one of the same form back, and `jax.tree.map` applies a function to every array in it. All the
# parameters of a network are one pytree: one line updates them all.

# %%
if __name__ == "__main__":
    tree = {"kernel": jnp.array([[2.0]]), "bias": jnp.array([-1.0])}
    print("every array halved:", jax.tree.map(lambda array: array / 2, tree))

# %% [markdown]
# ## Task 1: `set_last`


# %%
def set_last(values: jax.Array, new: float) -> jax.Array:
    """Returns a copy of an array whose last element is another.

    Args:
      values: (n,), float32, n ≥ 1.
      new: the number to put in the last place.

    Returns:
      (n,), float32: `values` with its last element replaced. `values` itself stays as it was.

    Example:
      set_last(jnp.array([1.0, 2.0, 3.0]), 9.0) is [1.0, 2.0, 9.0].
    """
    raise NotImplementedError("Write set_last.")


if __name__ == "__main__":
    print(set_last(jnp.array([1.0, 2.0, 3.0]), 9.0), "should be [1. 2. 9.]")

# %% [markdown]
# ## Task 2: `two_draws`


# %%
def two_draws(key: jax.Array, n: int) -> tuple[jax.Array, jax.Array]:
    """Draws two unrelated arrays of random numbers from one key.

    Args:
      key: a random key, as `jax.random.key(0)` makes it.
      n: how many numbers each array holds, n ≥ 1.

    Returns:
      Two arrays of shape (n,), float32, of standard normal numbers (`jax.random.normal`). The same
      key gives the same two arrays again, another key gives others, and the two arrays have nothing
      to do with each other. No key is used twice: once `key` is split, draw nothing more with it.

    Example:
      first, second = two_draws(jax.random.key(0), 3): six different numbers.
    """
    raise NotImplementedError("Write two_draws.")


if __name__ == "__main__":
    first, second = two_draws(jax.random.key(0), 3)
    print(first, second, "should be six different numbers")

# %% [markdown]
# ## Task 3: `mean_squared_error`
#
# How wrong are the predictions? Take the differences, square them (so that +1 and −1 do not cancel,
# and a big miss counts more), and take the mean. This number is the *loss*: learning means making
# it small.
#
# A trap waits here that catches everybody once. A layer's output has shape (n, 1), the targets
# often (n,). Subtract them and NumPy *broadcasts*: the answer is an (n, n) table of every
# prediction against every target. No error, only nonsense. So bring both to one shape first.


# %%
def mean_squared_error(predictions: jax.Array, targets: jax.Array) -> jax.Array:
    """The mean of the squared differences between predictions and targets.

    Args:
      predictions: (n,) or (n, 1), float32.
      targets: (n,) or (n, 1), float32, the same n. The two shapes may differ: prediction i belongs
        to target i, whatever the shapes.

    Returns:
      One float32 number, shape (): the mean over the n examples.

    Use jnp, not np: it will run under `jax.grad` and `jax.jit`, where the values are tracers. The
    grader runs it there as well.

    Example:
      mean_squared_error(jnp.array([[1.0], [2.0]]), jnp.array([1.0, 4.0])) is (0 + 4) / 2 = 2.0.
    """
    raise NotImplementedError("Write mean_squared_error.")


if __name__ == "__main__":
    print(mean_squared_error(jnp.array([[1.0], [2.0]]), jnp.array([1.0, 4.0])), "should be 2.0")

# %% [markdown]
# ## Task 4: `gradient_step`
#
# Our model is one neuron: prediction = weight · x + bias. The gradient of the loss says in which
# direction weight and bias make the loss *grow* fastest. So go the other way, and not far: the
# *learning rate* times the gradient.


# %%
def gradient_step(
    weight: jax.Array, bias: jax.Array, x: jax.Array, y: jax.Array, learning_rate: float
) -> tuple[jax.Array, jax.Array]:
    """One step of gradient descent for the neuron weight · x + bias.

    Args:
      weight: one number, shape (), float32.
      bias: one number, shape (), float32.
      x: features, (n,), float32.
      y: targets, (n,), float32.
      learning_rate: how far to go, above 0.

    Returns:
      The new weight and the new bias, both of shape (), float32: the old ones minus learning_rate
      times the gradient of the mean squared error. Both gradients are taken at the *old* values.

    Example:
      gradient_step(0.0, 0.0, jnp.array([1.0]), jnp.array([2.0]), 0.1) is (0.4, 0.4): the loss is
      (w + b − 2)², so both slopes are −4.

    Not allowed in this task: `optax.sgd`, `lib.train_step`, `lib.fit`.
    """
    raise NotImplementedError("Write gradient_step.")


if __name__ == "__main__":
    step = gradient_step(0.0, 0.0, jnp.array([1.0]), jnp.array([2.0]), 0.1)
    print(*step, "should be 0.4 0.4")

# %% [markdown]
# ## Task 5: `train_line`
#
# Learning is nothing but many such steps. One pass over all examples is an *epoch*. These six
# points lie on y = 2x − 1, but the computer is not told so.

# %%
LINE_X = np.array([-1, 0, 1, 2, 3, 4], np.float32)
LINE_Y = np.array([-3, -1, 1, 3, 5, 7], np.float32)


def train_line(
    x: jax.Array, y: jax.Array, learning_rate: float, epochs: int
) -> tuple[float, float, list[float]]:
    """Learns weight and bias by gradient descent, beginning at weight 0 and bias 0.

    Args:
      x: features, (n,), float32.
      y: targets, (n,), float32.
      learning_rate: for every step.
      epochs: how many steps; each uses all n examples.

    Returns:
      The weight, the bias, and a list of `epochs` numbers: the mean squared error *before* each
      step. So the first of them is the loss at weight 0 and bias 0.

    Example:
      weight, bias, losses = train_line(LINE_X, LINE_Y, 0.01, 500)
      weight * 10 + bias is about 18.98.

    `jax.jit(gradient_step)` makes it quick; it works without as well.

    Not allowed in this task: `lib.fit`, `lib.train_step`.
    """
    raise NotImplementedError("Write train_line.")


if __name__ == "__main__":
    weight, bias, losses = train_line(LINE_X, LINE_Y, 0.01, 500)
    print(f"y = {weight:.3f}·x + {bias:.3f}; loss from {losses[0]:.2f} to {losses[-1]:.6f}")
    print(f"at x = 10: {weight * 10 + bias:.2f}, should be about 18.98")

# %% [markdown]
# Why 18.98 and not 19? Six points and 500 small steps: the computer is *nearly* sure, and stops
# there. Nobody told it that the numbers are whole.
#
# ## Task 6: `fit_line`, with Flax and Optax
#
# The same again with the tools for networks of any size. **Flax** describes the model:
# `nn.Dense(1)` is our neuron. `model.init(key, x)` makes its parameters, `model.apply({"params":
# params}, x)` runs it. **Optax** turns gradients into updates: `optax.sgd(0.01)` is the step you
# wrote, `optax.adam(0.1)` a cleverer one that adapts its step to each parameter.


# %%
def fit_line(x: jax.Array, y: jax.Array, key: jax.Array) -> dict:
    """Fits a line with `nn.Dense(1)` and an Optax optimizer.

    Args:
      x: features, (n,), float32. Dense wants (n, 1): reshape.
      y: targets, (n,), float32. Mind the shapes in the loss.
      key: a random key for the first parameters.

    Returns:
      The trained params of `nn.Dense(1)`: {"kernel": (1, 1), "bias": (1,)}, float32. For points on
      a line with slope and offset between −3 and 3 and x between −2 and 5, kernel and bias are
      within 0.1 of the true ones. If all points have the same x, many lines fit: any of them is
      right, and training with another key ends at another one.

    The optimizer, its learning rate and the number of steps are yours. Write the loop yourself:
    `model.init`, `jax.value_and_grad` or `jax.grad`, `optimizer.init`, `optimizer.update`,
    `optax.apply_updates`; put one step under `jax.jit`. Solvers such as `np.polyfit` find the line
    too, but they learn nothing step by step.

    Not allowed in this task: `lib.fit`, `lib.train_step`, `numpy.polyfit`, `numpy.linalg.lstsq`,
    `numpy.linalg.solve`, `numpy.linalg.inv`, `numpy.linalg.pinv`, `jax.numpy.polyfit`,
    `jax.numpy.linalg.lstsq`, `jax.numpy.linalg.solve`, `jax.numpy.linalg.inv`,
    `jax.numpy.linalg.pinv`; anything of `numpy.polynomial`, `jax.scipy.linalg` or `scipy`.
    """
    raise NotImplementedError("Write fit_line.")


if __name__ == "__main__":
    params = fit_line(LINE_X, LINE_Y, jax.random.key(0))
    print("kernel", params["kernel"], "should be near 2; bias", params["bias"], "near -1")

# %% [markdown]
# ## Task 7: `house_price`
#
# A house costs 50,000, and 50,000 more for every bedroom. Let the computer find that out from a few
# houses. Big numbers make learning hard (the steps explode), so count the price in hundreds of
# thousands: a house with one bedroom costs 1.0, one with two 1.5.
#
# In another town a house costs 30,000, and 70,000 more for every bedroom. Your function should find
# that out just as well, so write none of these numbers into it.

# %%
BEDROOMS = np.array([1, 2, 3, 4, 5, 6], np.float32)
PRICES = np.array([1.0, 1.5, 2.0, 2.5, 3.0, 3.5], np.float32)


def house_price(bedrooms: jax.Array, prices: jax.Array, new_bedrooms: float) -> float:
    """Learns house prices from examples, then names the price of another house.

    Args:
      bedrooms: of the houses that were sold, (n,), float32, from 1 to 6, in any order. They may all
        have the same number of bedrooms, and then so has the house to price.
      prices: what they were sold for, (n,), float32, in hundreds of thousands: a first amount, and
        the same again and again for every bedroom. Both amounts are between 0.2 and 0.9. In a town
        where buyers haggle, some houses cost up to 0.15 more and others up to 0.15 less; the best
        line through all of them is still the true one.
      new_bedrooms: number of bedrooms of the house to price, from 1 to 10.

    Returns:
      The predicted price in hundreds of thousands, a float within 0.1 of the true one.

    Train with `train_line` or `fit_line`, and predict. Train long enough: 500 epochs at learning
    rate 0.01 are not quite enough for houses with many bedrooms. The grader sells houses in towns
    of its own.

    Example:
      house_price(BEDROOMS, PRICES, 7) is about 4.0.

    Not allowed in this task: `numpy.polyfit`, `numpy.linalg.lstsq`, `numpy.linalg.solve`,
    `numpy.linalg.inv`, `numpy.linalg.pinv`, `jax.numpy.polyfit`, `jax.numpy.linalg.lstsq`,
    `jax.numpy.linalg.solve`, `jax.numpy.linalg.inv`, `jax.numpy.linalg.pinv`; anything of
    `numpy.polynomial`, `jax.scipy.linalg` or `scipy`.
    """
    raise NotImplementedError("Write house_price.")


if __name__ == "__main__":
    print("seven bedrooms:", house_price(BEDROOMS, PRICES, 7), "should be about 4.0")

# %% [markdown]
# ## Task 8: `judge_learning_rate`
#
# Too small, and after a hundred steps we have hardly moved. Too large, and each step jumps over the
# valley and lands higher up on the other side: the loss grows until it is `inf` or `nan`. We say
# that training *diverges*.


# %%
def judge_learning_rate(x: jax.Array, y: jax.Array, learning_rate: float) -> str:
    """Says whether a learning rate suits the examples, by trying it for 100 epochs.

    Args:
      x: features, (n,), float32.
      y: targets, (n,), float32.
      learning_rate: the rate to try.

    Returns:
      Look at the 100 losses of `train_line(x, y, learning_rate, 100)`, the first and the last:
      "diverges" if the last is not finite, or larger than the first;
      "too small" if it is not that, but still more than a tenth of the first;
      "good" otherwise.

    Example:
      For LINE_X and LINE_Y, 0.0001 is "too small", 0.05 is "good", 1.0 "diverges".
    """
    raise NotImplementedError("Write judge_learning_rate.")


if __name__ == "__main__":
    for rate in (0.0001, 0.05, 1.0):
        print(f"learning rate {rate}: {judge_learning_rate(LINE_X, LINE_Y, rate)}")
