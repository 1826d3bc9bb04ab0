"""The networks in Keras, trained with `model.fit` on a chosen backend."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.programs import LEARNING_RATE, Program


def keras_trainer(
    backend: str, program: Program, images: np.ndarray, labels: np.ndarray
) -> Callable[[], float]:
    """Builds the network in Keras.

    Args:
      backend: "tensorflow" or "jax"; Keras reads it once, when imported.
      program: which network.
      images: (n, height, width, channels), uint8.
      labels: (n,), integers.

    Returns:
      A function that trains one epoch and returns its running training accuracy.
    """
    os.environ["KERAS_BACKEND"] = backend
    import keras

    keras.utils.set_random_seed(0)
    layers: list[Any] = [keras.Input(images.shape[1:])]
    for channels in program.channels:
        layers += [
            keras.layers.Conv2D(channels, 3, padding=program.padding.lower(), activation="relu"),
            keras.layers.MaxPooling2D(2),
        ]
    layers += [
        keras.layers.Flatten(),
        keras.layers.Dense(program.hidden, activation="relu"),
        keras.layers.Dense(program.classes),
    ]
    model = keras.Sequential(layers)
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    # Converted once, before timing starts.
    inputs = images.astype(np.float32) / 255

    def epoch() -> float:
        history = model.fit(inputs, labels, batch_size=program.batch_size, epochs=1, verbose="0")
        return float(history.history["accuracy"][-1])

    return epoch
