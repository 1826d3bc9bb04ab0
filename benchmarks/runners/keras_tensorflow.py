"""Keras on TensorFlow: `model.fit`."""

import os
from collections.abc import Callable

import numpy as np

from benchmarks.programs import Program
from benchmarks.runners.keras_model import keras_trainer

MODULES = ("keras", "tensorflow")


def trainer(
    program: Program, images: np.ndarray, labels: np.ndarray, threads: int
) -> Callable[[], float]:
    """Builds the network; see the package's docstring."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow  # type: ignore[import-not-found]

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    return keras_trainer("tensorflow", program, images, labels)
