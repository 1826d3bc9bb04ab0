"""Keras on JAX: `model.fit`."""

from collections.abc import Callable

import numpy as np

from benchmarks.programs import Program
from benchmarks.runners.keras_model import keras_trainer

MODULES = ("keras", "jax")


def trainer(
    program: Program, images: np.ndarray, labels: np.ndarray, threads: int
) -> Callable[[], float]:
    """Builds the network; see the package's docstring."""
    return keras_trainer("jax", program, images, labels)
