"""Keras on TensorFlow: `model.fit`, with Keras's own ImageDataGenerator where pictures change.

The nets give logits, as the course's do here, and Keras's defaults stand: Glorot's initial weights,
epsilon 1e-7 in both optimizers.
"""

import os
from typing import Any

import numpy as np

from benchmarks.arms import History, Pictures
from benchmarks.picture_programs import AUGMENTATION, LEARNING_RATE, PictureProgram


def train(program: PictureProgram, data: Pictures, seed: int, epochs: int, threads: int) -> History:
    """Trains one program; see the package's docstring."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow  # type: ignore[import-not-found]

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    import keras

    keras.utils.set_random_seed(seed)
    model = _model(program, data.images.shape[1:])
    loss, metric = {
        "sigmoid": (
            keras.losses.BinaryCrossentropy(from_logits=True),
            keras.metrics.BinaryAccuracy("accuracy", threshold=0.0),  # of logits
        ),
        "softmax": (keras.losses.SparseCategoricalCrossentropy(from_logits=True), "accuracy"),
        "one-hot": (keras.losses.CategoricalCrossentropy(from_logits=True), "accuracy"),
    }[program.loss]
    optimizer = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}
    model.compile(
        optimizer=optimizer[program.optimizer](LEARNING_RATE), loss=loss, metrics=[metric]
    )

    def targets(labels: np.ndarray) -> np.ndarray:
        if program.loss == "one-hot":
            return np.eye(program.outputs, dtype=np.float32)[labels]
        return labels

    pictures: dict[str, Any] = {"x": data.images, "y": targets(data.labels)}
    pictures["batch_size"] = program.batch_size
    if program.augmented:
        generator = tensorflow.keras.preprocessing.image.ImageDataGenerator(**AUGMENTATION)
        pictures = {"x": generator.flow(*pictures.values(), seed=seed)}
    validation = None
    if len(data.val_labels):
        validation = (data.val_images, targets(data.val_labels))
    history = model.fit(
        **pictures,
        epochs=epochs,
        validation_data=validation,
        callbacks=[] if program.stop_above is None else [_stop_above(program.stop_above)],
        verbose="2",
    ).history
    return {name: [float(value) for value in values] for name, values in history.items()}


def _model(program: PictureProgram, shape: tuple[int, ...]) -> Any:
    import keras

    layers: list[Any] = [keras.Input(shape), keras.layers.Rescaling(1 / 255)]
    for channels in program.channels:
        layers.append(keras.layers.Conv2D(channels, 3, activation="relu"))
        layers.append(keras.layers.MaxPooling2D(2))
    if program.dropout:
        layers.append(keras.layers.Dropout(program.dropout))
    layers.append(keras.layers.Flatten())
    layers.append(keras.layers.Dense(program.hidden, activation="relu"))
    layers.append(keras.layers.Dense(program.outputs))
    return keras.Sequential(layers)


def _stop_above(threshold: float) -> Any:
    import keras

    class StopAbove(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if (logs or {}).get("accuracy", 0) > threshold:
                self.model.stop_training = True  # type: ignore[union-attr]

    return StopAbove()
