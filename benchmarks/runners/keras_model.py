"""The nets in Keras, trained with `model.fit` on whichever backend is chosen."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.programs import LEARNING_RATE, Program


def keras_trainer(
    backend: str, program: Program, images: np.ndarray, labels: np.ndarray
) -> Callable[[], float]:
    """Builds the net in Keras.

    Args:
      backend: "tensorflow" or "jax"; Keras takes it once, at its import.
      program: which net.
      images: (n, height, width, colours), uint8.
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
    # Converted once, outside the timed part.
    inputs = images.astype(np.float32) / 255

    def epoch() -> float:
        history = model.fit(inputs, labels, batch_size=program.batch_size, epochs=1, verbose="0")
        return float(history.history["accuracy"][-1])

    return epoch
