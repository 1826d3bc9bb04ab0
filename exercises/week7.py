"""Week 7: transfer learning. What one network has learned, the next need not learn again."""

# %% [markdown]
# # Week 7: transfer learning
#
# A hundred pictures are too few to learn what an eye is, what an ear is, what fur looks like. But a
# network trained on a different task knows all that. You freeze what it has learned, put a new head
# on top, and train only the head. First read `exercises/week7.md`, next to this file.
#
#     python -m grader week7
#     python -m grader hint week7

# %%
import math
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn

import lib

# %% [markdown]
# ## Task 1: `trainable_labels`
#
# The parameters of a Flax model are nested dicts, and each array has a *path* in them:
# "backbone/conv1/kernel" is `params["backbone"]["conv1"]["kernel"]`. To freeze a part, you name its
# paths. `jax.tree_util.tree_map_with_path(function, params)` calls the function with the path and
# the array, for every array, and builds a tree of the results. Or write a function that calls
# itself for every dict it meets.


# %%
def trainable_labels(params: Mapping, frozen: Sequence[str]) -> Mapping:
    """Labels parameters as trainable or frozen.

    Args:
      params: nested dicts of any depth; the innermost values are arrays.
      frozen: paths, their parts joined by "/", such as "conv1", "backbone" or "head/dense/bias".
        A path names an array, or a dict with everything in it.

    Returns:
      Nested dicts like `params`, with a string instead of each array: "frozen" for arrays at or
      below one of the paths, "trainable" for the rest.

    Example:
      trainable_labels({"conv1": {"kernel": …}, "conv10": {"kernel": …}}, ["conv1"]) is
      {"conv1": {"kernel": "frozen"}, "conv10": {"kernel": "trainable"}}: conv10 is not in conv1,
      although its name begins with conv1.

    Not allowed in this task: `lib.freeze`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write trainable_labels.")


if __name__ == "__main__":
    few = {"conv1": {"kernel": jnp.ones((3, 3))}, "conv10": {"kernel": jnp.ones((3, 3))}}
    print(trainable_labels(few, ["conv1"]))

# %% [markdown]
# ## Task 2: `freeze`
#
# `optax.partition` takes a dict of optimizers and a tree of labels, and passes each parameter to
# the optimizer of its label. `optax.set_to_zero()` is the optimizer that changes nothing. The other
# optimizer does not see the frozen parameters: it keeps no memory for them. Nothing uses their
# gradients, so the compiled training step does not compute them.


# %%
def freeze(
    optimizer: optax.GradientTransformation, params: Mapping, frozen: Sequence[str]
) -> optax.GradientTransformation:
    """Makes an optimizer that leaves some parameters unchanged.

    Args:
      optimizer: trains the other parameters.
      params: nested dicts of arrays.
      frozen: paths of the parameters that stay unchanged, as in `trainable_labels`.

    Returns:
      An Optax optimizer for these params. Its updates are 0 for frozen parameters. For the rest,
      they are those of `optimizer`, as if the frozen parameters did not exist.

    Not allowed in this task: `lib.freeze`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write freeze.")


if __name__ == "__main__":
    careful = freeze(optax.sgd(0.1), few, ["conv1"])
    updates, _ = careful.update(few, careful.init(few), few)  # the parameters as gradients
    print(jax.tree.map(jnp.mean, updates), "conv1 should be 0, conv10 -0.1")

# %% [markdown]
# ## Task 3: `replace_head`
#
# The last layer of a network has an output for every class of the task it was trained on. For
# another task it is useless. Replace it with a new layer that has the same number of inputs and
# random weights, and keep everything else.


# %%
def replace_head(params: Mapping, head: str, classes: int, key: jax.Array) -> Mapping:
    """Gives a network a new last layer.

    Args:
      params: the trained parameters, a dict from the name of a layer to its arrays.
      head: the name of the last layer, a dense one: params[head] is {"kernel": (inputs, old
        classes), "bias": (old classes,)}.
      classes: the number of outputs of the new layer.
      key: a random key for the new kernel.

    Returns:
      A dict like params, with a new params[head]: kernel (inputs, classes), float32, random numbers
      with mean 0 and standard deviation 1/√inputs (from a normal distribution, or as
      `nn.initializers.lecun_normal()` draws them), and bias (classes,), float32, all 0. All other
      arrays are the old ones. `params` itself stays unchanged.
    """
    raise NotImplementedError("Write replace_head.")


if __name__ == "__main__":
    old = {"dense": {"kernel": jnp.ones((9, 64))}}
    old["logits"] = {"kernel": jnp.ones((64, 8)), "bias": jnp.ones(8)}
    new = replace_head(old, "logits", 2, jax.random.key(0))
    print(jax.tree.map(jnp.shape, new))

# %% [markdown]
# ## Task 4: `count_trainable`


# %%
def count_trainable(params: Mapping, frozen: Sequence[str]) -> int:
    """Counts the trainable parameters.

    Args:
      params: nested dicts of arrays.
      frozen: paths of the parameters that stay unchanged, as in `trainable_labels`.

    Returns:
      The total size of all arrays that are not frozen, an int.

    Example:
      If a kernel (64, 2) and a bias (2,) learn and everything else is frozen, the count is 130.

    Not allowed in this task: `lib.count_trainable`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write count_trainable.")


if __name__ == "__main__":
    print(count_trainable(new, ["dense"]), "should be 130")

# %% [markdown]
# ## Task 5: `unchanged`
#
# Do not just believe that a part is frozen. Prove it: compare the parameters before and after
# training, bit by bit. `==` is not enough: −0.0 == 0.0 is True although the bits differ, and
# nan == nan is False although they are the same. `np.asarray(array).tobytes()` returns the bytes of
# an array.


# %%
def unchanged(before: Mapping, after: Mapping, frozen: Sequence[str]) -> bool:
    """Tells whether frozen parameters are unchanged.

    Args:
      before: nested dicts of arrays.
      after: the same dicts after training; some arrays may be missing, others new.
      frozen: paths of the parameters that should not have changed, as in `trainable_labels`.

    Returns:
      True if `after` has each frozen array of `before` under the same path, with the same shape,
      dtype and bytes; otherwise False. Arrays that are not frozen do not matter.

    Not allowed in this task: `lib.freeze`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write unchanged.")


if __name__ == "__main__":
    zero, minus_zero = {"bias": jnp.array([0.0])}, {"bias": jnp.array([-0.0])}
    print(unchanged(zero, zero, ["bias"]), unchanged(zero, minus_zero, ["bias"]), "True False")

# %% [markdown]
# ## Task 6: `train_transfer`
#
# Now train on cats and dogs, with only 100 pictures. `lib.backbone()` returns a small network that
# has learned to tell eight other animals apart. (The first call trains it, which takes some
# seconds, and saves it.) `transfer_net()` puts a head on it.


# %%
def transfer_net() -> nn.Module:
    """Returns the backbone with a head for two classes: one output, above 0 for a dog.

    Its params are {"backbone": …, "head": …}.
    """
    head = lib.TransferHead(hidden=64, dropout=0.2, outputs=1)
    return lib.TransferClassifier(lib.SmallBackbone(), head)


def train_transfer(
    backbone: Mapping, images: np.ndarray, labels: np.ndarray, key: jax.Array
) -> Mapping:
    """Trains the head of `transfer_net` on a few pictures, on top of a trained backbone.

    Args:
      backbone: the trained params of the backbone, for the entry "backbone" of the params.
      images: (n, height, width, 3), uint8.
      labels: (n,), 0 for a cat, 1 for a dog.
      key: a random key. Split it: one part for the head's initial parameters, one for `lib.fit`.

    Returns:
      The params of the entire network after training, with "backbone" unchanged, bit for bit.

    What counts is the accuracy on pictures that the network has never seen. It must be higher than
    that of the same network trained from scratch. A mirrored cat is still a cat: add the mirror
    image of each picture, `images[:, :, ::-1]`. Then train for twenty epochs in batches of 20, with
    the loss `lib.sigmoid_cross_entropy`, a frozen backbone, and RMSprop for the rest, with a
    learning rate that falls from 0.001 to 0. `lib.create_state(…, variables={"params": params})`
    starts from your own params. Learn only from the images and the backbone given.

    Not allowed in this task: `lib.load`, `lib.draw`, `lib.freeze`, `lib.backbone`,
    `lib.transfer_variables`; anything of `lib.data`.
    """
    raise NotImplementedError("Write train_transfer.")


if __name__ == "__main__":
    _, variables = lib.backbone()
    pets = lib.load("cats_and_dogs", train_size=100, test_size=400, edge=40)
    params = train_transfer(variables["params"], *pets.train, jax.random.key(0))
    print("backbone unchanged:", unchanged({"backbone": variables["params"]}, params, ["backbone"]))
    print(f"{count_trainable(params, ['backbone']):,} parameters have learned")
    logits = transfer_net().apply({"params": params}, pets.test.images / np.float32(255))
    right = np.mean((logits[:, 0] > 0) == pets.test.labels)
    print(f"accuracy on pictures it has not seen: {right:.3f}")
