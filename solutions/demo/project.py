"""The project in one run: a baseline, then networks compared by validation, then the test."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import optax

import lib
from solutions import project
from solutions.demo.stage import Stage, parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the project and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("project", "Project: your own network for flowers.", train_size=600)
    command.add_argument(
        "--edge", type=int, default=48, help="height and width in pixels (default: %(default)s)"
    )
    command.add_argument(
        "--epochs", type=int, default=80, help="epochs of each candidate (default: %(default)s)"
    )
    options = command.parse_args(arguments)
    stage = Stage("project", options.save)
    data = lib.load(
        "flowers",
        options.data,
        train_size=options.train_size,
        test_size=736 if options.train_size >= 600 else options.train_size,
        edge=options.edge,
    )
    print(data.describe())
    sheet = lib.plots.image_grid(
        data.train.images[:18], data.train.labels[:18], data.class_names, columns=6, note=data
    )
    stage.save(sheet, "flowers")
    _candidates(stage, data, options.epochs)
    _test(stage, data)
    return 0


def _candidates(stage: Stage, data: lib.Dataset, epochs: int) -> None:
    """Trains four networks on the same pictures and compares them on those held back."""
    stage.heading("Which network? Part of the training pictures decides")
    images, labels = data.train
    held = len(images) // 2  # with fewer, luck would decide
    rest, validation = (images[held:], labels[held:]), (images[:held], labels[:held])
    augment = lib.Augment(
        rotation=40,
        width_shift=0.15,
        height_shift=0.15,
        zoom=0.25,
        horizontal_flip=True,
        brightness=(0.8, 1.2),
    )
    candidates = {
        "baseline": (lib.flowers_baseline(), None),
        "small": (lib.ConvClassifier((16, 32, 64), hidden=64, classes=5), None),
        "small, dropout": (
            lib.ConvClassifier((16, 32, 64), dropout=0.2, hidden=64, classes=5),
            None,
        ),
        "small, dropout, augmented": (
            lib.ConvClassifier((16, 32, 64), dropout=0.2, hidden=64, classes=5),
            augment,
        ),
    }
    steps = epochs * -(-len(rest[0]) // 16)
    for name, (model, change) in candidates.items():
        state = lib.create_state(
            model,
            optax.adam(optax.linear_schedule(0.002, 0.0, steps)),
            images,
            jax.random.key(0),
            augment=change,
        )
        state, history = lib.fit(
            state,
            *rest,
            epochs=epochs,
            batch_size=16,
            key=jax.random.key(1),
            validation=validation,
            verbose=0,
        )
        print(
            f"{name:26} training {history['accuracy'][-1]:.3f}   "
            f"validation {history['val_accuracy'][-1]:.3f}",
            flush=True,
        )
        if name in ("small", "small, dropout, augmented"):
            figure = lib.plots.history_curves(history, note=data)
            stage.save(figure, "plain-history" if name == "small" else "augmented-history")


def _test(stage: Stage, data: lib.Dataset) -> None:
    stage.heading("Once, at the very end: the test pictures")
    trained = project.train_flowers(*data.train, jax.random.key(2))
    answers = project.predict_flowers(trained, data.test.images)
    print(lib.class_report(data.test.labels, answers, data.class_names))
    confusion = lib.confusion_matrix(data.test.labels, answers, len(data.class_names))
    stage.save(lib.plots.confusion_matrix(confusion, data.class_names, note=data), "confusion")
    if np.any(answers != data.test.labels):
        probabilities = lib.probabilities(lib.predict(trained, data.test.images))
        stage.save(
            lib.plots.worst_mistakes(*data.test, probabilities, data.class_names, note=data),
            "worst-mistakes",
        )
