"""Week 7: transfer learning. What one network has learned, another one need not learn again."""

# %% [markdown]
# # Week 7: standing on the shoulders of another network
#
# Eighty pictures are too few to learn from what an eye is, what an ear is, what fur looks like. But
# there is a network that knows all that, from another task. You take what it has learned, leave it
# as it is, put a new head on it, and let the head alone learn. Read `exercises/week7.md` beside
# this file.
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
# The parameters of a Flax model are dicts in dicts, and each array has a *path* in them:
# "backbone/conv1/kernel" is `params["backbone"]["conv1"]["kernel"]`. To freeze a part you name the
# paths that stay as they are. `jax.tree_util.tree_map_with_path(function, params)` calls the
# function with the path and the array, for every array, and builds a tree of what it returns; or
# write a function that calls itself for every dict it meets.


# %%
def trainable_labels(params: Mapping, frozen: Sequence[str]) -> Mapping:
    """Says of each parameter whether it learns.

    Args:
      params: dicts in dicts, at any depth; the innermost values are arrays.
      frozen: paths, their parts joined by "/", such as "conv1", "backbone" or "head/dense/bias".
        A path may be that of an array or that of a dict; then all that is in it is meant.

    Returns:
      Dicts in dicts like `params`, with a string in the place of each array: "frozen" for what is
      at or below one of the paths, "trainable" for the rest.

    Example:
      trainable_labels({"conv1": {"kernel": …}, "conv10": {"kernel": …}}, ["conv1"]) is
      {"conv1": {"kernel": "frozen"}, "conv10": {"kernel": "trainable"}}: conv10 is not in conv1,
      although its name begins so.

    Not allowed in this task: `lib.freeze`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write trainable_labels: Says of each parameter whether it learns.")


if __name__ == "__main__":
    few = {"conv1": {"kernel": jnp.ones((3, 3))}, "conv10": {"kernel": jnp.ones((3, 3))}}
    print(trainable_labels(few, ["conv1"]))

# %% [markdown]
# ## Task 2: `freeze`
#
# `optax.partition` takes a dict of optimizers and a tree of labels: each parameter is given to the
# optimizer of its label. `optax.set_to_zero()` is the optimizer that changes nothing. What is
# frozen is then unknown to the other optimizer: it keeps no memory for it, and as nobody asks for
# its gradients, the compiled training step does not compute them.


# %%
def freeze(
    optimizer: optax.GradientTransformation, params: Mapping, frozen: Sequence[str]
) -> optax.GradientTransformation:
    """Makes an optimizer that leaves some parameters as they are.

    Args:
      optimizer: what the other parameters learn with.
      params: dicts in dicts of arrays.
      frozen: paths that stay as they are, as in `trainable_labels`.

    Returns:
      An Optax optimizer for these params. Its updates are 0 for what is frozen; for the rest they
      are those of `optimizer`, as if nothing else were there.

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
# The last layer of a network has an output for every class of the task it was trained for. For
# another task it is useless. Put a new one in its place, with as many inputs as the old one had and
# random weights, and keep everything else.


# %%
def replace_head(params: Mapping, head: str, classes: int, key: jax.Array) -> Mapping:
    """Gives a network a new last layer.

    Args:
      params: the trained parameters, a dict from the name of a layer to its arrays.
      head: name of the last layer, a dense one: params[head] is {"kernel": (inputs, old classes),
        "bias": (old classes,)}.
      classes: how many outputs the new layer has.
      key: a random key for the new kernel.

    Returns:
      A dict like params. params[head] is new: kernel (inputs, classes), float32, random numbers of
      mean 0 and standard deviation 1/√inputs (from a normal distribution, or as
      `nn.initializers.lecun_normal()` draws them), and bias (classes,), float32, all 0. All other
      arrays are the old ones. `params` itself is not changed.
    """
    raise NotImplementedError("Write replace_head: Gives a network a new last layer.")


if __name__ == "__main__":
    old = {"dense": {"kernel": jnp.ones((9, 64))}}
    old["logits"] = {"kernel": jnp.ones((64, 8)), "bias": jnp.ones(8)}
    new = replace_head(old, "logits", 2, jax.random.key(0))
    print(jax.tree.map(jnp.shape, new))

# %% [markdown]
# ## Task 4: `count_trainable`


# %%
def count_trainable(params: Mapping, frozen: Sequence[str]) -> int:
    """How many numbers learn.

    Args:
      params: dicts in dicts of arrays.
      frozen: paths that stay as they are, as in `trainable_labels`.

    Returns:
      The sizes of all arrays that are not frozen, added up: an int.

    Example:
      If a kernel (64, 2) and a bias (2,) learn and everything else is frozen, it is 130.

    Not allowed in this task: `lib.count_trainable`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write count_trainable: How many numbers learn.")


if __name__ == "__main__":
    print(count_trainable(new, ["dense"]), "should be 130")

# %% [markdown]
# ## Task 5: `unchanged`
#
# "Frozen" is easily said. Prove it: look at what was there before the training and what is there
# after it, bit by bit. `==` is not enough: −0.0 == 0.0 is True, though the bits differ, and
# nan == nan is False, though they are the same. `np.asarray(array).tobytes()` are the bytes of an
# array.


# %%
def unchanged(before: Mapping, after: Mapping, frozen: Sequence[str]) -> bool:
    """Whether frozen parameters are the same, bit by bit.

    Args:
      before: dicts in dicts of arrays.
      after: the same after the training; it may lack some of them, or have others.
      frozen: paths that should have stayed as they are, as in `trainable_labels`.

    Returns:
      True if each array of `before` that is frozen is in `after` under the same path, with the same
      shape, dtype and bytes; otherwise False. What is not frozen does not matter.

    Not allowed in this task: `lib.freeze`, `lib.trainable`, `lib.transfer.labels`.
    """
    raise NotImplementedError("Write unchanged.")


if __name__ == "__main__":
    zero, minus_zero = {"bias": jnp.array([0.0])}, {"bias": jnp.array([-0.0])}
    print(unchanged(zero, zero, ["bias"]), unchanged(zero, minus_zero, ["bias"]), "True False")

# %% [markdown]
# ## Task 6: `train_transfer`
#
# Now for real: cats and dogs, and no more than 100 pictures of them. `lib.backbone()` is a small
# network that has learned to tell eight other animals apart (it is trained the first time you ask
# for it, which takes some seconds, and kept). `transfer_net()` puts a head on it.


# %%
def transfer_net() -> nn.Module:
    """The backbone with a head for two classes: one output, above 0 for a dog.

    Its params are {"backbone": …, "head": …}.
    """
    head = lib.TransferHead(hidden=64, dropout=0.2, outputs=1)
    return lib.TransferClassifier(lib.SmallBackbone(), head)


def train_transfer(
    backbone: Mapping, images: np.ndarray, labels: np.ndarray, key: jax.Array
) -> Mapping:
    """Trains the head of `transfer_net` on a few pictures, on top of a trained backbone.

    Args:
      backbone: the backbone's trained params, which belong under "backbone".
      images: (n, height, width, 3), uint8.
      labels: (n,), 0 for a cat, 1 for a dog.
      key: a random key. Split it: one part for the head's first parameters, one for `lib.fit`.

    Returns:
      The params of the whole net after training, with "backbone" bit for bit as it was given.

    What counts is the accuracy on pictures the network has never seen: more than the same net
    reaches that learns from these pictures alone. A cat in the mirror is a cat: add each picture's
    mirror image, `images[:, :, ::-1]`. Then twenty epochs in batches of 20 do it, with the loss
    `lib.sigmoid_cross_entropy` and a frozen backbone, for the rest RMSprop with a rate that falls
    from 0.001 to 0. `lib.create_state(…, variables={"params": params})` starts from your own
    params. Learn from the images given, and from the backbone given.

    Not allowed in this task: `lib.load`, `lib.draw`, `lib.freeze`, `lib.backbone`,
    `lib.transfer_variables`; anything of `lib.data`.
    """
    raise NotImplementedError("Write train_transfer.")


if __name__ == "__main__":
    _, variables = lib.backbone()
    pets = lib.load("cats_and_dogs", train_size=100, test_size=400, edge=40)
    params = train_transfer(variables["params"], *pets.train, jax.random.key(0))
    print("backbone as it was:", unchanged({"backbone": variables["params"]}, params, ["backbone"]))
    print(f"{count_trainable(params, ['backbone']):,} parameters have learned")
    logits = transfer_net().apply({"params": params}, pets.test.images / np.float32(255))
    right = np.mean((logits[:, 0] > 0) == pets.test.labels)
    print(f"accuracy on pictures it has not seen: {right:.3f}")
