"""Week 2: a dense network that recognises images, and a callback that stops its training."""

# %% [markdown]
# # Week 2: pictures in, classes out
#
# An image is a table of numbers, and a class is a number too. The neuron of week 1 is enough to
# start with; this week you use many of them. Read `exercises/week2.md`, next to this file.
#
#     python -m grader week2
#     python -m grader hint week2

# %%
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from matplotlib.figure import Figure

import lib

# %% [markdown]
# ## The data
#
# `lib.load` loads MNIST or Fashion-MNIST: small grey images, with a training and a test split. By
# default you get stand-ins that the course draws itself: same sizes, same classes, same order.
# Images are `uint8`, 0 (black) to 255 (white), with shape (n, 28, 28, 1): number of images, height,
# width, channels. Labels are integers from 0 to 9.

# %%
if __name__ == "__main__":
    fashion = lib.load("fashion_mnist", train_size=2_000, test_size=500)
    print(fashion)
    print("images", fashion.train.images.shape, fashion.train.images.dtype)
    print("labels", fashion.train.labels[:10], "names", fashion.class_names)
    images, labels = fashion.train.images[:20], fashion.train.labels[:20]
    sheet = lib.plots.image_grid(images, labels, fashion.class_names, note=fashion)
    lib.plots.show(sheet, "figures/clothes.png")

# %% [markdown]
# ## Task 1: `normalise`
#
# Inputs up to 255 make the first steps of training far too large. Scale them to 0…1.


# %%
def normalise(images: np.ndarray) -> jax.Array:
    """Scales grey values from 0…255 to 0…1.

    Args:
      images: any shape, uint8.

    Returns:
      The same shape, float32: 0 stays 0, 255 becomes 1, 51 becomes 0.2.

    Not allowed in this task: `lib.as_input`.
    """
    raise NotImplementedError("Write normalise.")


if __name__ == "__main__":
    print(normalise(np.array([0, 51, 255], np.uint8)), "should be [0. 0.2 1.]")

# %% [markdown]
# ## Task 2: `one_hot`
#
# Class 2 of 4 becomes a row of zeros with a single 1: [0, 0, 1, 0]. A perfect network would answer
# with these probabilities.


# %%
def one_hot(labels: jax.Array, classes: int) -> jax.Array:
    """Writes integer labels as rows with a single 1.

    Args:
      labels: (n,), integers from 0 to classes − 1.
      classes: how many classes there are.

    Returns:
      (n, classes), float32: row i is 1 in column labels[i] and 0 elsewhere.

    Example:
      one_hot(jnp.array([2, 0]), 4) is [[0, 0, 1, 0], [1, 0, 0, 0]].

    Not allowed in this task: `jax.nn.one_hot`, `flax.linen.one_hot`,
    `flax.training.common_utils.onehot`.
    """
    raise NotImplementedError("Write one_hot.")


if __name__ == "__main__":
    print(one_hot(jnp.array([2, 0]), 4))

# %% [markdown]
# ## Task 3: `cross_entropy`
#
# The network's last layer gives one number per class, of any size: the *logits*. *Softmax* turns
# them into probabilities: exp(logit) divided by the sum of all exp(logit). The loss of one image is
# minus the logarithm of the probability of its true class: 0 if the network is sure and right,
# large if it is sure and wrong.
#
# Careful: exp(1000) is infinite in float32. Subtract each row's largest logit first. The
# probabilities stay the same, and no exponential is larger than 1. But a probability can still
# round to 0, and log(0) is infinite: write log(exp(a) / sum) as a − log(sum).


# %%
def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """Computes the mean softmax cross-entropy of logits and integer labels.

    Args:
      logits: (n, classes), float32, of any size (even ±1000), before softmax.
      labels: (n,), integers from 0 to classes − 1.

    Returns:
      One float32 number, shape (): the mean over the n examples of
      −log(softmax(logits)[true class]), with the natural logarithm. Finite for finite logits.

    Example:
      cross_entropy(jnp.zeros((1, 10)), jnp.array([3])) is log(10) = 2.3026: a pure guess.

    Not allowed in this task: `lib.softmax_cross_entropy`, `optax.safe_softmax_cross_entropy`,
    `optax.convex_kl_divergence`, `optax.poly_loss_cross_entropy`; anything of `optax.losses`; names
    that begin with `optax.softmax_cross_entropy` or `optax.kl_divergence`.
    """
    raise NotImplementedError("Write cross_entropy.")


if __name__ == "__main__":
    print(cross_entropy(jnp.zeros((1, 10)), jnp.array([3])), "should be 2.3026")
    print(cross_entropy(jnp.array([[1000.0, 0.0]]), jnp.array([1])), "should be 1000.0")

# %% [markdown]
# ## Task 4: `dense_model`
#
# `lib.Flatten()` lays the image out as one row of 784 numbers. `lib.Dense(512, activation=nn.relu)`
# has 512 neurons and sets their negative outputs to 0. The last layer has one neuron per class and
# no activation: it gives logits. `nn.Sequential([...])` runs one layer after the other. You may
# also use Flax's `nn.Dense`, or write an `nn.Module` class.


# %%
def dense_model() -> nn.Module:
    """Builds the network for MNIST: Flatten, Dense 512 with ReLU, Dense 10.

    Returns:
      A Flax module that takes float32 images (n, 28, 28, 1) and returns logits (n, 10), without
      softmax. It has 407,050 parameters: 784 · 512 + 512, and 512 · 10 + 10.

    Not allowed in this task: `lib.DenseClassifier`, `lib.ConvClassifier`, `lib.mnist_dense`,
    `lib.fashion_dense`.
    """
    raise NotImplementedError("Write dense_model.")


if __name__ == "__main__":
    print(lib.summary(dense_model(), (1, 28, 28, 1)))

# %% [markdown]
# ## Task 5: `StopAtAccuracy`
#
# `lib.fit` calls each callback after every epoch and stops when one returns True. `logs` is a dict
# such as {"loss": 0.31, "accuracy": 0.91}. It need not contain an accuracy: a network that predicts
# house prices has none.


# %%
class StopAtAccuracy:
    """A callback that stops training once the training accuracy is above a threshold.

    Not allowed in this task: `lib.StopWhen`.
    """

    def __init__(self, threshold: float):
        """Stores the threshold, a number between 0 and 1."""
        raise NotImplementedError("Write StopAtAccuracy.__init__.")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float], state: Any) -> bool:
        """Says whether to stop training.

        Args:
          epoch: number of the epoch that just ended, starting from 0.
          logs: its metrics by name. "accuracy" may be missing.
          state: the training state; you do not need it here.

        Returns:
          True if logs contains "accuracy" and it is greater than the threshold, otherwise False.
        """
        raise NotImplementedError("Write StopAtAccuracy.on_epoch_end.")


if __name__ == "__main__":
    callback = StopAtAccuracy(0.9)
    print(callback.on_epoch_end(0, {"loss": 0.5, "accuracy": 0.85}, None), "should be False")
    print(callback.on_epoch_end(1, {"loss": 0.3, "accuracy": 0.93}, None), "should be True")
    print(callback.on_epoch_end(2, {"loss": 0.2}, None), "should be False")

# %% [markdown]
# ## Task 6: `train_step`
#
# `lib.fit` takes thousands of steps; here you write one. The *state* holds the model, its
# parameters, the optimizer and the optimizer's memory: `state.model`, `state.params`,
# `state.optimizer`, `state.opt_state`. A step has four parts: forward pass, loss, gradient with
# respect to the parameters, update.


# %%
@jax.jit
def train_step(
    state: lib.TrainState, images: jax.Array, labels: jax.Array
) -> tuple[lib.TrainState, jax.Array]:
    """Updates the parameters once, with one batch.

    Args:
      state: a `lib.TrainState`. Use its model, params, optimizer and opt_state.
      images: (n, 28, 28, 1), uint8. Normalise them.
      labels: (n,), integers.

    Returns:
      The next state, and the loss, shape (): the mean softmax cross-entropy of this batch, *before*
      the update. The next state holds the updated params and opt_state, and its step is one
      higher: `state.apply_gradients(gradients)` returns it.

    The forward pass is state.model.apply({"params": params}, images). For the loss use your
    `cross_entropy`, or the mean of `lib.softmax_cross_entropy(logits, labels)`.

    `@jax.jit` above compiles the step. That makes it fast, but `print` prints only once, and values
    are tracers. Remove it while you look for a mistake.

    Not allowed in this task: `lib.train_step`, `lib.fit`.
    """
    raise NotImplementedError("Write train_step.")


if __name__ == "__main__":
    images, labels = fashion.train.images[:32], fashion.train.labels[:32]
    state = lib.create_state(dense_model(), optax.adam(0.001), images, jax.random.key(0))
    for _ in range(5):
        state, value = train_step(state, images, labels)
        print(f"loss {value:.3f}, should fall with every step")

# %% [markdown]
# ## Task 7: `train_mnist`
#
# Now train your model with your callback and `lib.fit`. It scales uint8 images to 0…1 as your
# `normalise` does, and returns the trained state and a history. `history["accuracy"]` lists the
# training accuracy of each epoch.


# %%
def train_mnist(
    images: np.ndarray, labels: np.ndarray, key: jax.Array
) -> tuple[dict, Sequence[float]]:
    """Trains `dense_model` on digits until the training accuracy is above 0.99.

    Args:
      images: (n, 28, 28, 1), uint8.
      labels: (n,), integers 0 to 9.
      key: a random key. Split it: one part for the initial parameters, one for shuffling.

    Returns:
      The trained params (`state.params`), and the training accuracy of each epoch
      (`history["accuracy"]`). Training stops after the first epoch whose accuracy is above 0.99,
      and after 10 epochs at the latest. Only the last accuracy in the list may be above 0.99.

    Use `lib.create_state`, `lib.fit` with your `StopAtAccuracy(0.99)`, and an optimizer such as
    `optax.adam(0.001)`.

    Half of the points are for the accuracy of your params on digits the network has never seen. The
    other half are for stopping at the right time: the accuracies must match what the params reach,
    and on a second set that no network can learn (every picture is in it twice, with two labels)
    training must run all 10 epochs. Learn only from the images you are given.

    Not allowed in this task: `lib.StopWhen`, `lib.load`, `lib.draw`; anything of `lib.data`.
    """
    raise NotImplementedError("Write train_mnist.")


if __name__ == "__main__":
    digits = lib.load("mnist", train_size=10_000, test_size=2_000)
    params, accuracies = train_mnist(*digits.train, jax.random.key(0))
    print("accuracy of each epoch:", [f"{accuracy:.3f}" for accuracy in accuracies])

# %% [markdown]
# ## Task 8: `plot_probabilities`
#
# A chart says more than ten numbers. `Figure()` and `figure.subplots()` give you one axes, and
# `axes.bar(names, heights)` draws bars. (`import matplotlib.pyplot as plt` and `plt.subplots()`
# work too; return the figure, not the axes.)


# %%
def plot_probabilities(probabilities: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Draws the probability of each class as a bar.

    Args:
      probabilities: (classes,), float32, from 0 to 1.
      class_names: one name per class, in order.

    Returns:
      A matplotlib Figure with one axes: one vertical bar per class (`axes.bar`), as high as its
      probability, in the order of the classes. The tick labels are the class names, the y axis is
      labelled "probability", and the title is the name of the most likely class.
    """
    raise NotImplementedError("Write plot_probabilities.")


if __name__ == "__main__":
    logits = dense_model().apply({"params": params}, normalise(digits.test.images[:1]))
    figure = plot_probabilities(np.asarray(jax.nn.softmax(logits[0])), digits.class_names)
    print("the picture shows a", digits.class_names[digits.test.labels[0]])
    lib.plots.show(figure, "figures/probabilities.png")
