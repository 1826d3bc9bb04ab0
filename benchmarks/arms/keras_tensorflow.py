"""Keras on TensorFlow: `model.fit`, with Keras's own ImageDataGenerator for augmentation.

The networks return logits, as the course's do here. The rest are Keras's defaults: Glorot's initial
weights, epsilon 1e-7 in both optimizers. After a pause the augmentation continues where it was. The
random generators of the dropout and of shuffling without augmentation start again.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arms import History, Pictures, read_history
from benchmarks.picture_programs import AUGMENTATION, LEARNING_RATE, PictureProgram


def train(
    program: PictureProgram, data: Pictures, seed: int, epochs: int, threads: int, folder: Path
) -> History:
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
        batches = generator.flow(*pictures.values(), seed=seed)
        # Each batch has its own seed: the first one's plus the number of batches before it.
        batches.total_batches_seen = _epochs_in(folder) * len(batches)
        pictures = {"x": batches}
    validation = None
    if len(data.val_labels):
        validation = (data.val_images, targets(data.val_labels))
    callbacks = [
        keras.callbacks.CSVLogger(folder / "history.csv", append=True),
        keras.callbacks.BackupAndRestore(
            str(folder / "backup"), double_checkpoint=True, delete_checkpoint=False
        ),
    ]
    if program.stop_above is not None:
        callbacks.append(_stop_above(program.stop_above))
    model.fit(
        **pictures, epochs=epochs, validation_data=validation, callbacks=callbacks, verbose="2"
    )
    return read_history(folder / "history.csv")


def _epochs_in(folder: Path) -> int:
    """Returns the number of epochs in Keras's backup."""
    try:
        return int(json.loads((folder / "backup" / "training_metadata.json").read_text())["epoch"])
    except FileNotFoundError:
        return 0


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
