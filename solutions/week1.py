"""Week 1: from JAX itself to a neuron that learns a line."""

# %% [markdown]
# # Week 1: a program that learns its rule
#
# In most programs you write the rule and the computer applies it. This week it is the other way
# round: you give examples, and the computer finds the rule. Read `exercises/week1.md`, next to this
# file, for the explanations and the pictures.
#
# How to work: run one cell after the other (VS Code shows "Run Cell" above each `# %%`). Wherever a
# function ends in `raise NotImplementedError(...)`, replace that line with your own code. Run the
# grader in a terminal as often as you like:
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
# JAX looks like NumPy (`jnp` instead of `np`) and does three more things with your function: it
# differentiates it, compiles it, and runs it on a batch. In return it needs functions that only
# compute: the same inputs give the same outputs, and nothing else changes.
#
# ### Cell 1: arrays do not change
# `values[0] = 9` is an error in JAX. `values.at[0].set(9)` makes a *new* array and leaves the old
# one unchanged. Keep the result, or it is lost.

# %%
if __name__ == "__main__":
    values = jnp.array([1.0, 2.0, 3.0])
    changed = values.at[0].set(9.0)
    print("old:", values, " new:", changed)

# %% [markdown]
# ### Cell 2: `jax.grad` differentiates
# Pass it a function that returns one number, and it returns a function that computes the slope. The
# slope of x² at 3 is 6. `argnums` chooses the arguments to differentiate
# with respect to.

# %%
if __name__ == "__main__":
    slope = jax.grad(lambda x: x**2)
    print("slope of x² at 3:", slope(3.0))
    both = jax.grad(lambda a, b: a**2 * b, argnums=(0, 1))
    print("slopes of a²·b at (3, 5):", both(3.0, 5.0))

# %% [markdown]
# ### Cell 3: `jax.jit` compiles, and what tracing means
# The first call runs your Python once with *tracers*: placeholders that have a shape and a dtype
# but no value yet. JAX records what happens to them and compiles it. Later calls run the compiled
# program and no Python at all. That is why `print` prints only once, and why `if x > 0:` fails on a
# tracer: it has no value. Use `jnp.where(x > 0, ...)` instead, and `jax.debug.print` to see values.


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
# Write the function for *one* example; `vmap` turns it into a function for many. `in_axes` says
# which argument has the extra axis (0: the first one) and which is the same for all (None).

# %%
if __name__ == "__main__":
    line_at = lambda weight, x: weight * x - 1
    print("one:", line_at(2.0, 3.0))
    print("many:", jax.vmap(line_at, in_axes=(None, 0))(2.0, jnp.array([0.0, 1.0, 2.0])))

# %% [markdown]
# ### Cell 5: random keys are explicit
# NumPy keeps hidden state, and each call changes it. JAX has none: you pass a *key*. The same key
# always gives the same numbers. For different numbers, split the key first and use each part once.

# %%
if __name__ == "__main__":
    key = jax.random.key(7)
    print("same key, same numbers:", jax.random.normal(key), jax.random.normal(key))
    key_a, key_b = jax.random.split(key)
    print("split keys, different numbers:", jax.random.normal(key_a), jax.random.normal(key_b))

# %% [markdown]
# ### Cell 6: pytrees
# A dict, list or tuple of arrays, nested as you like, is a *pytree*. `jax.grad` takes one and
# returns one of the same structure, and `jax.tree.map` applies a function to every array in it. The
# parameters of a network form one pytree, and one line updates them all.

# %%
if __name__ == "__main__":
    tree = {"kernel": jnp.array([[2.0]]), "bias": jnp.array([-1.0])}
    print("every array halved:", jax.tree.map(lambda array: array / 2, tree))

# %% [markdown]
# ## Task 1: `set_last`


# %%
def set_last(values: jax.Array, new: float) -> jax.Array:
    """Returns a copy of an array with its last element replaced.

    Args:
      values: (n,), float32, n ≥ 1.
      new: the number that replaces the last element.

    Returns:
      (n,), float32: the copy. `values` itself stays unchanged.

    Example:
      set_last(jnp.array([1.0, 2.0, 3.0]), 9.0) is [1.0, 2.0, 9.0].
    """
    return values.at[-1].set(new)


if __name__ == "__main__":
    print(set_last(jnp.array([1.0, 2.0, 3.0]), 9.0), "should be [1. 2. 9.]")

# %% [markdown]
# ## Task 2: `two_draws`


# %%
def two_draws(key: jax.Array, n: int) -> tuple[jax.Array, jax.Array]:
    """Draws two independent arrays of random numbers from one key.

    Args:
      key: a random key, such as `jax.random.key(0)`.
      n: how many numbers each array holds, n ≥ 1.

    Returns:
      Two arrays of shape (n,), float32, of standard normal numbers (`jax.random.normal`). The same
      key gives the same two arrays again, and another key gives different ones. The two arrays are
      independent of each other. Use no key twice: once you have split `key`, draw nothing from it.

    Example:
      first, second = two_draws(jax.random.key(0), 3): six different numbers.
    """
    first_key, second_key = jax.random.split(key)
    return jax.random.normal(first_key, (n,)), jax.random.normal(second_key, (n,))


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
# Here is a trap that catches everyone once. A layer's output has shape (n, 1), and the targets
# often have shape (n,). Subtract them and JAX *broadcasts*, as NumPy does: you get an (n, n) table
# of every prediction minus every target. No error, only nonsense. Give both the same shape first.


# %%
def mean_squared_error(predictions: jax.Array, targets: jax.Array) -> jax.Array:
    """Computes the mean of the squared differences between predictions and targets.

    Args:
      predictions: (n,) or (n, 1), float32.
      targets: (n,) or (n, 1), float32, the same n. The two shapes may differ: prediction i always
        belongs to target i.

    Returns:
      One float32 number, shape (): the mean over the n examples.

    Use jnp: your function also runs under `jax.grad` and `jax.jit`, where the values are tracers,
    and most np functions fail. The grader tries that too.

    Example:
      mean_squared_error(jnp.array([[1.0], [2.0]]), jnp.array([1.0, 4.0])) is (0 + 4) / 2 = 2.0.
    """
    return jnp.mean(jnp.square(predictions.reshape(-1) - targets.reshape(-1)))


if __name__ == "__main__":
    print(mean_squared_error(jnp.array([[1.0], [2.0]]), jnp.array([1.0, 4.0])), "should be 2.0")

# %% [markdown]
# ## Task 4: `gradient_step`
#
# Our model is one neuron: prediction = weight · x + bias. The gradient of the loss says in which
# direction weight and bias make the loss *grow* fastest. Take a small step the other way: the
# *learning rate* times the gradient.


# %%
def gradient_step(
    weight: jax.Array, bias: jax.Array, x: jax.Array, y: jax.Array, learning_rate: float
) -> tuple[jax.Array, jax.Array]:
    """Takes one step of gradient descent for the neuron weight · x + bias.

    Args:
      weight: one number, shape (), float32.
      bias: one number, shape (), float32.
      x: features, (n,), float32.
      y: targets, (n,), float32.
      learning_rate: how far to go, above 0.

    Returns:
      The new weight and the new bias, both of shape (), float32: the old ones minus learning_rate
      times the gradient of the mean squared error. Compute both slopes at the *old* values.

    Example:
      gradient_step(0.0, 0.0, jnp.array([1.0]), jnp.array([2.0]), 0.1) is (0.4, 0.4): the loss is
      (w + b − 2)², so both slopes are −4.
    """

    def loss(weight, bias):
        return mean_squared_error(weight * x + bias, y)

    weight_slope, bias_slope = jax.grad(loss, argnums=(0, 1))(weight, bias)
    return weight - learning_rate * weight_slope, bias - learning_rate * bias_slope


if __name__ == "__main__":
    step = gradient_step(0.0, 0.0, jnp.array([1.0]), jnp.array([2.0]), 0.1)
    print(*step, "should be 0.4 0.4")

# %% [markdown]
# ## Task 5: `train_line`
#
# Learning is just many such steps. One pass over all examples is an *epoch*. These six points are
# on the line y = 2x − 1, but the computer does not know that.

# %%
LINE_X = np.array([-1, 0, 1, 2, 3, 4], np.float32)
LINE_Y = np.array([-3, -1, 1, 3, 5, 7], np.float32)


def train_line(
    x: jax.Array, y: jax.Array, learning_rate: float, epochs: int
) -> tuple[float, float, list[float]]:
    """Learns weight and bias by gradient descent, starting at weight 0 and bias 0.

    Args:
      x: features, (n,), float32.
      y: targets, (n,), float32.
      learning_rate: the same for every step.
      epochs: the number of steps; each uses all n examples.

    Returns:
      The weight, the bias, and a list of `epochs` numbers: the mean squared error *before* each
      step. The first of them is the loss at weight 0 and bias 0.

    Example:
      weight, bias, losses = train_line(LINE_X, LINE_Y, 0.01, 500)
      weight * 10 + bias is about 18.98.

    `jax.jit(gradient_step)` makes training faster, but you do not need it.
    """
    step = jax.jit(gradient_step)
    error = jax.jit(lambda weight, bias: mean_squared_error(weight * x + bias, y))
    weight, bias = jnp.float32(0), jnp.float32(0)
    losses = []
    for _ in range(epochs):
        losses.append(float(error(weight, bias)))
        weight, bias = step(weight, bias, x, y, learning_rate)
    return float(weight), float(bias), losses


if __name__ == "__main__":
    weight, bias, losses = train_line(LINE_X, LINE_Y, 0.01, 500)
    print(f"y = {weight:.3f}·x + {bias:.3f}; loss from {losses[0]:.2f} to {losses[-1]:.6f}")
    print(f"at x = 10: {weight * 10 + bias:.2f}, should be about 18.98")

# %% [markdown]
# Why 18.98 and not 19? After 500 small steps, weight and bias are close to 2 and −1 but not there
# yet, and the computer does not know that they are whole numbers.
#
# ## Task 6: `fit_line`, with Flax and Optax
#
# Learn the line again, with tools that work for networks of any size. **Flax** describes the model:
# `nn.Dense(1)` is our neuron. `model.init(key, x)` makes its parameters, and
# `model.apply({"params": params}, x)` runs it. Flax calls the weights of a layer its *kernel*.
# **Optax** turns gradients into updates: `optax.sgd(0.01)` is the step you wrote, and
# `optax.adam(0.1)` adapts its step to each parameter. An optimizer needs a state, which
# `optimizer.init(params)` makes. `optimizer.update(gradients, opt_state)` returns two things, the
# updates and the next state; `optax.apply_updates(params, updates)` returns the new params.


# %%
def fit_line(x: jax.Array, y: jax.Array, key: jax.Array) -> dict:
    """Fits a line with `nn.Dense(1)` and an Optax optimizer.

    Args:
      x: features, (n,), float32. Dense expects (n, 1): reshape them.
      y: targets, (n,), float32. Check the shapes in the loss.
      key: a random key for the initial parameters.

    Returns:
      The trained params of `nn.Dense(1)`: {"kernel": (1, 1), "bias": (1,)}, float32. For points on
      a line with slope and offset between −3 and 3 and x between −2 and 5, kernel and bias must be
      within 0.1 of the true ones. If all points have the same x, many lines fit. Any of them is
      right, and training with another key must end at a different one.

    Choose the optimizer, its learning rate and the number of steps. Write the loop yourself:
    `model.init`, `jax.value_and_grad` or `jax.grad`, `optimizer.init`, `optimizer.update`,
    `optax.apply_updates`. Compile one step with `jax.jit`. Solvers such as `np.polyfit` find the
    line too, but do not learn it step by step.
    """
    inputs = x.reshape(-1, 1)
    model = nn.Dense(1)
    optimizer = optax.adam(0.1)
    params = model.init(key, inputs)["params"]
    opt_state = optimizer.init(params)

    def loss(params):
        return mean_squared_error(model.apply({"params": params}, inputs), y)

    @jax.jit
    def step(params, opt_state):
        gradients = jax.grad(loss)(params)
        updates, opt_state = optimizer.update(gradients, opt_state, params)
        return optax.apply_updates(params, updates), opt_state

    for _ in range(500):
        params, opt_state = step(params, opt_state)
    return params


if __name__ == "__main__":
    params = fit_line(LINE_X, LINE_Y, jax.random.key(0))
    print("kernel", params["kernel"], "should be near 2; bias", params["bias"], "near -1")

# %% [markdown]
# ## Task 7: `house_price`
#
# A house costs 50,000, and 50,000 more for every bedroom. Let the computer find that out from a few
# houses. Large prices can take many steps to learn, so count in hundreds of thousands: a house with
# one bedroom costs 1.0, and one with two costs 1.5.
#
# In another town a house costs 30,000, and 70,000 more for every bedroom. Your function must find
# that out too, so write none of these numbers into it.

# %%
BEDROOMS = np.array([1, 2, 3, 4, 5, 6], np.float32)
PRICES = np.array([1.0, 1.5, 2.0, 2.5, 3.0, 3.5], np.float32)


def house_price(bedrooms: jax.Array, prices: jax.Array, new_bedrooms: float) -> float:
    """Learns house prices from examples, then predicts the price of another house.

    Args:
      bedrooms: bedrooms of the houses sold, (n,), float32, from 1 to 6, in any order. All the
        houses may have the same number; then the house to price has it too.
      prices: prices of the houses sold, (n,), float32, in hundreds of thousands: a base price plus
        the same amount for every bedroom. Both are between 0.2 and 0.9. In a town where buyers
        haggle, some houses cost up to 0.15 more and others up to 0.15 less; the best line through
        all of them is still the true one.
      new_bedrooms: bedrooms of the house to price, from 1 to 10.

    Returns:
      The predicted price in hundreds of thousands, a float within 0.1 of the true one.

    Train with `train_line` or `fit_line`, then predict. Train long enough: 500 epochs at a learning
    rate of 0.01 are too few for large houses in some towns. The grader makes up its own towns.

    Example:
      house_price(BEDROOMS, PRICES, 7) is about 4.0.
    """
    weight, bias, _ = train_line(bedrooms, prices, 0.05, 1000)
    return weight * new_bedrooms + bias


if __name__ == "__main__":
    print("seven bedrooms:", house_price(BEDROOMS, PRICES, 7), "should be about 4.0")

# %% [markdown]
# ## Task 8: `judge_learning_rate`
#
# If the learning rate is too small, the loss has hardly fallen after a hundred steps. If it is too
# large, each step overshoots the minimum and lands higher on the other side: the loss grows until
# it is `inf` or `nan`. Training *diverges*.


# %%
def judge_learning_rate(x: jax.Array, y: jax.Array, learning_rate: float) -> str:
    """Tries a learning rate for 100 epochs and says whether it suits the examples.

    Args:
      x: features, (n,), float32.
      y: targets, (n,), float32.
      learning_rate: the rate to try.

    Returns:
      One of three words, from the first and the last of the 100 losses of
      `train_line(x, y, learning_rate, 100)`:
      "diverges" if the last loss is not finite, or larger than the first;
      "too small" if it is neither, but larger than a tenth of the first;
      "good" otherwise.

    Example:
      For LINE_X and LINE_Y, 0.0001 is "too small", 0.05 is "good", 1.0 "diverges".
    """
    losses = train_line(x, y, learning_rate, 100)[2]
    if not np.isfinite(losses[-1]) or losses[-1] > losses[0]:
        return "diverges"
    return "too small" if losses[-1] > losses[0] / 10 else "good"


if __name__ == "__main__":
    for rate in (0.0001, 0.05, 1.0):
        print(f"learning rate {rate}: {judge_learning_rate(LINE_X, LINE_Y, rate)}")
