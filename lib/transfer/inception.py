"""InceptionV3, up to any of its eleven mixed blocks: the pretrained network of week 7.

Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016
(https://arxiv.org/abs/1512.00567), in the form of Keras's published weights: convolutions without
bias, batch normalisation without scale. It is made for frozen pretrained weights: batch
normalisation always uses the stored statistics.
"""

from collections.abc import Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn

from lib.nn.layers import Conv, Dense
from lib.nn.pooling import max_pool

EPSILON = 1e-3
"""The constant that Keras's batch normalisation adds to the variance."""

SMALLEST_EDGE = 75
"""Smaller pictures would shrink to nothing."""


class Unit(NamedTuple):
    """A convolution with batch normalisation and ReLU: features, kernel and stride."""

    features: int
    height: int
    width: int
    stride: int = 1


class Fork(NamedTuple):
    """Two convolutions side by side, 1×3 and 3×1, whose outputs are joined."""

    features: int

    def units(self) -> dict[str, Unit]:
        """The two convolutions; the keys are the endings of their names."""
        return {"a": Unit(self.features, 1, 3), "b": Unit(self.features, 3, 1)}


AVERAGE, LARGEST = "average", "largest"
Branch = tuple[Unit | Fork | str, ...]
Block = tuple[Branch, ...]


def _at_35(pooled: int) -> Block:
    return (
        (Unit(64, 1, 1),),
        (Unit(48, 1, 1), Unit(64, 5, 5)),
        (Unit(64, 1, 1), Unit(96, 3, 3), Unit(96, 3, 3)),
        (AVERAGE, Unit(pooled, 1, 1)),
    )


def _at_17(narrow: int) -> Block:
    across, down = Unit(narrow, 1, 7), Unit(narrow, 7, 1)
    return (
        (Unit(192, 1, 1),),
        (Unit(narrow, 1, 1), across, Unit(192, 7, 1)),
        (Unit(narrow, 1, 1), down, across, down, Unit(192, 1, 7)),
        (AVERAGE, Unit(192, 1, 1)),
    )


def _at_8() -> Block:
    return (
        (Unit(320, 1, 1),),
        (Unit(384, 1, 1), Fork(384)),
        (Unit(448, 1, 1), Unit(384, 3, 3), Fork(384)),
        (AVERAGE, Unit(192, 1, 1)),
    )


BLOCKS: dict[str, Block] = {
    "mixed0": _at_35(32),
    "mixed1": _at_35(64),
    "mixed2": _at_35(64),
    "mixed3": (
        (Unit(384, 3, 3, 2),),
        (Unit(64, 1, 1), Unit(96, 3, 3), Unit(96, 3, 3, 2)),
        (LARGEST,),
    ),
    "mixed4": _at_17(128),
    "mixed5": _at_17(160),
    "mixed6": _at_17(160),
    "mixed7": _at_17(192),
    "mixed8": (
        (Unit(192, 1, 1), Unit(320, 3, 3, 2)),
        (Unit(192, 1, 1), Unit(192, 1, 7), Unit(192, 7, 1), Unit(192, 3, 3, 2)),
        (LARGEST,),
    ),
    "mixed9": _at_8(),
    "mixed10": _at_8(),
}
"""The branches of every mixed block, in the order of their joined outputs."""


def numbered(branch: Branch) -> Iterator[tuple[str, Unit | Fork | str]]:
    """Yields the steps of a branch with the names of their convolutions."""
    count = 0
    for step in branch:
        count += not isinstance(step, str)
        yield f"conv{count}", step


class ConvNorm(nn.Module):
    """Convolution without bias, batch normalisation without scale, ReLU.

    (n, height, width, channels) to (n, out height, out width, features).
    """

    unit: Unit
    padding: str = "SAME"

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        """Returns the activations."""
        unit = self.unit
        x = Conv(
            unit.features,
            (unit.height, unit.width),
            strides=(unit.stride, unit.stride),
            padding=self.padding,
            use_bias=False,
            name="conv",
        )(x)
        norm = nn.BatchNorm(use_running_average=True, use_scale=False, epsilon=EPSILON, name="norm")
        return nn.relu(norm(x))


class Mixed(nn.Module):
    """Several branches with the same input; their outputs are joined along the channels."""

    block: Block

    @nn.compact
    def __call__(self, images: jax.Array) -> jax.Array:
        """Returns the joined outputs, (n, height, width, channels)."""
        return jnp.concatenate(
            [self._run(branch, f"branch{i}", images) for i, branch in enumerate(self.block, 1)],
            axis=-1,
        )

    def _run(self, branch: Branch, prefix: str, x: jax.Array) -> jax.Array:
        for name, step in numbered(branch):
            if step == AVERAGE:
                x = nn.avg_pool(x, (3, 3), (1, 1), "SAME", count_include_pad=False)
            elif step == LARGEST:
                x = max_pool(x, 3, 2)
            elif isinstance(step, Fork):
                sides = [
                    ConvNorm(unit, name=f"{prefix}_{name}{side}")(x)
                    for side, unit in step.units().items()
                ]
                x = jnp.concatenate(sides, axis=-1)
            else:
                assert isinstance(step, Unit)
                padding = "SAME" if step.stride == 1 else "VALID"
                x = ConvNorm(step, padding, name=f"{prefix}_{name}")(x)
        return x


STEM: dict[str, tuple[Unit, str]] = {
    "stem1": (Unit(32, 3, 3, 2), "VALID"),
    "stem2": (Unit(32, 3, 3), "VALID"),
    "stem3": (Unit(64, 3, 3), "SAME"),
    "stem4": (Unit(80, 1, 1), "VALID"),
    "stem5": (Unit(192, 3, 3), "VALID"),
}
"""The convolutions before the mixed blocks; pooling follows the third and the fifth."""


class InceptionV3(nn.Module):
    """InceptionV3 up to one of its mixed blocks, or with its top.

    Pictures, (n, height, width, 3) in 0…1 like every model here, at least 75 pixels in height and
    width, to features (n, height, width, channels); with the top, to logits (n, 1000). The model
    scales the pictures to −1…1, the range in which the weights were trained.

    The weights are in two collections, "params" and "batch_stats"; both are needed, and
    `lib.load_inception` reads them from the published file. Keras counts the statistics as
    parameters, and so does `lib.count_variables`: 8,975,264 up to mixed7, 21,802,784 up to
    mixed10, 23,851,784 with the top.

    Attributes:
      cut: name of the last block, "mixed0" … "mixed10".
      top: whether to add the average over all positions and the 1,000 classes of ImageNet.
    """

    cut: str = "mixed10"
    top: bool = False

    @nn.compact
    def __call__(self, images: jax.Array) -> jax.Array:
        """Returns features or logits, float32."""
        self._check(images)
        x = images * 2 - 1
        for name, (unit, padding) in STEM.items():
            x = ConvNorm(unit, padding, name=name)(x)
            if name in ("stem3", "stem5"):
                x = max_pool(x, 3, 2)
        for name, block in BLOCKS.items():
            x = Mixed(block, name=name)(x)
            if name == self.cut:
                break
        if not self.top:
            return x
        return Dense(1000, name="predictions")(x.mean(axis=(1, 2)))

    def _check(self, images: jax.Array) -> None:
        if self.cut not in BLOCKS:
            raise ValueError(f"InceptionV3 has no {self.cut!r}; cut it at mixed0 … mixed10.")
        if self.top and self.cut != "mixed10":
            raise ValueError(
                f"The top needs cut='mixed10'; to cut at {self.cut}, leave the top out."
            )
        if images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < SMALLEST_EDGE:
            raise ValueError(
                f"InceptionV3 takes pictures (n, height, width, 3) of at least {SMALLEST_EDGE}×"
                f"{SMALLEST_EDGE} pixels; these are {images.shape}."
            )
