"""A small pre-trained network: the backbone of week 7 if you have no internet connection.

It is trained once to classify eight drawn animals, and then saved in the user's cache. Cats and
dogs are not among the eight: the backbone transfers what it has learned of ears, eyes and noses.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from optax.contrib import MuonDimensionNumbers, muon

from lib.data import load
from lib.data.dataset import SETS
from lib.data.drawn.scenes import VERSIONS
from lib.nn.layers import Conv, Dense, Dropout, MaxPool, conv_relu_pool
from lib.saving.cache import cache_folder, load_arrays, save_arrays
from lib.train.fit import fit
from lib.train.state import create_state

VERSION = "5"
"""Changes whenever the network or its training changes."""

EDGE = 40
"""Height and width of the pictures it was trained on; it also takes other sizes."""

SOURCE_TASK = "animals"
TRAIN_SIZE = 2_000
EPOCHS = 4
KERNELS_RATE = 0.02
OTHERS_RATE = 0.0015
BATCH_SIZE = 16


class SmallBackbone(nn.Module):
    """Three convolutions with ReLU and pooling, on pictures without their mean colour.

    Pictures (n, height, width, 3) in 0…1, to features (n, height // 8, width // 8, channels[-1]).
    The model first normalises the brightness and contrast of each picture: it subtracts the mean of
    each channel, and divides by the standard deviation of the picture plus 0.05.
    """

    channels: Sequence[int] = (32, 64, 128)

    @nn.compact
    def __call__(self, images: jax.Array, train: bool = False) -> jax.Array:
        """Returns features."""
        x = images - images.mean(axis=(1, 2), keepdims=True)
        x = x / (x.std(axis=(1, 2, 3), keepdims=True) + 0.05)
        for number, channels in enumerate(self.channels, start=1):
            conv = Conv(
                channels,
                padding="SAME",
                activation=nn.relu,
                kernel_init=nn.initializers.he_normal(),
                name=f"conv{number}",
            )
            x = conv_relu_pool(conv, MaxPool(name=f"pool{number}"), x, train=train)
        return x


class _PooledHead(nn.Module):
    """The head of the source task: the maximum and the mean of each feature over all positions.

    It does not see the position of a feature in the picture, so the features learn to be right
    everywhere, and are more useful for another task.
    """

    outputs: int

    @nn.compact
    def __call__(self, features: jax.Array, train: bool = False) -> jax.Array:
        x = jnp.concatenate([features.max(axis=(1, 2)), features.mean(axis=(1, 2))], axis=-1)
        x = Dropout(0.3, deterministic=not train)(x)
        return Dense(self.outputs)(x)


class _SourceClassifier(nn.Module):
    """The backbone and the head for its training."""

    backbone: SmallBackbone
    head: _PooledHead

    def __call__(self, images: jax.Array, train: bool = False) -> jax.Array:
        return self.head(self.backbone(images, train=train), train=train)


def _mirrored(key: jax.Array, images: jax.Array) -> jax.Array:
    """Mirrors each picture with probability 0.5."""
    mirror = jax.random.bernoulli(key, 0.5, (len(images),))[:, None, None, None]
    return jnp.where(mirror, images[:, :, ::-1], images)


def _optimizer(steps: int) -> optax.GradientTransformation:
    """Muon for the kernels of the convolutions, Adam for the rest; the learning rates fall to 0.

    Muon (Jordan and others, 2024) makes the singular values of a step about equal, with a kernel
    seen as the matrix from patch to channels. With Adam alone, the same result takes twice the
    pictures, each shown more often.
    """

    def matrices(params: Any) -> Any:
        patch_to_channels = MuonDimensionNumbers((0, 1, 2), 3)
        return jax.tree.map(lambda leaf: patch_to_channels if leaf.ndim == 4 else None, params)

    return muon(
        optax.linear_schedule(KERNELS_RATE, 0.0, steps),
        adam_learning_rate=optax.linear_schedule(OTHERS_RATE, 0.0, steps),
        muon_weight_dimension_numbers=matrices,
    )


def backbone(
    *, fresh: bool = False, verbose: str | int = 0
) -> tuple[SmallBackbone, dict[str, Any]]:
    """The backbone and its trained parameters.

    The first call trains it; later ones read it from the user's cache. On one machine the bits are
    always the same. If it cannot be saved, each call trains it.

    Args:
      fresh: whether to train it even if it is in the cache.
      verbose: how to show the training, as in `lib.fit`.

    Returns:
      The model, and its variables {"params": …}, float32.
    """
    model = SmallBackbone()
    path = _file()
    if not fresh and path is not None and (params := _read(path, model)) is not None:
        return model, {"params": params}
    params = train_backbone(model, verbose=verbose)
    if path is not None:
        arrays = {
            f"{layer}.{name}": np.asarray(array)
            for layer, arrays in params.items()
            for name, array in arrays.items()
        }
        with contextlib.suppress(OSError):
            save_arrays(path, arrays)
    return model, {"params": params}


def train_backbone(
    model: SmallBackbone,
    *,
    train_size: int = TRAIN_SIZE,
    epochs: int = EPOCHS,
    verbose: str | int = 0,
) -> dict[str, Any]:
    """Trains a backbone on the source task, always with the same pictures and keys.

    Args:
      model: the backbone.
      train_size: number of drawn animals to train on.
      epochs: the number of passes over them.
      verbose: as in `lib.fit`.

    Returns:
      Its parameters; the head used for the training is discarded.
    """
    learner = _SourceClassifier(model, _PooledHead(len(SETS[SOURCE_TASK].class_names)))
    steps = math.ceil(train_size / BATCH_SIZE)
    blank = np.zeros((train_size, EDGE, EDGE, 3), np.uint8), np.zeros(train_size, np.int32)
    state = create_state(
        learner, _optimizer(epochs * steps), blank[0], jax.random.key(0), augment=_mirrored
    )
    learn = functools.partial(fit, state, batch_size=BATCH_SIZE, key=jax.random.key(1))
    with ThreadPoolExecutor(1) as pool:  # XLA compiles while the library draws the pictures
        compiled = pool.submit(learn, *blank, steps_per_epoch=1, verbose=0)
        data = load(SOURCE_TASK, train_size=train_size, test_size=0, edge=EDGE)
        compiled.result()
    state, _ = learn(*data.train, epochs=epochs, verbose=verbose)
    return state.params["backbone"]


def _file() -> Path | None:
    """The file of the backbone; None if there is no home directory."""
    drawing = VERSIONS[SOURCE_TASK]
    try:
        return cache_folder() / f"backbone-{VERSION}-{SOURCE_TASK}-{drawing}.npz"
    except RuntimeError:
        return None


def _read(path: Path, model: SmallBackbone) -> dict[str, Any] | None:
    """The parameters in a file; None if it is missing, damaged or for another network."""
    arrays = load_arrays(path)
    sample = jnp.zeros((1, EDGE, EDGE, 3))
    shapes = jax.eval_shape(model.init, jax.random.key(0), sample)["params"]
    wanted = {f"{layer}.{name}" for layer, leaves in shapes.items() for name in leaves}
    if arrays is None or set(arrays) != wanted:
        return None
    found: dict[str, Any] = {layer: {} for layer in shapes}
    for layer, leaves in shapes.items():
        for name, leaf in leaves.items():
            array = arrays[f"{layer}.{name}"]
            if array.shape != leaf.shape or array.dtype != leaf.dtype:
                return None
            if not np.isfinite(array).all():
                return None
            found[layer][name] = jnp.asarray(array)
    return found
