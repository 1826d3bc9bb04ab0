"""Week 2 in one run: clothes and digits with dense networks, stopping, and small experiments."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence

import jax
import numpy as np
import optax

import lib
from solutions import week2
from solutions.demo.stage import Stage, parser, percent


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    options = parser(
        "week2", "Week 2: pictures in, classes out, with dense networks.", train_size=60_000
    ).parse_args(arguments)
    stage = Stage("week2", options.save)
    sizes = {
        "train_size": options.train_size,
        "test_size": min(10_000, max(200, options.train_size // 6)),
    }
    fashion = lib.load("fashion_mnist", options.data, **sizes)
    digits = lib.load("mnist", options.data, **sizes)
    _clothes(stage, fashion)
    _digits(stage, digits)
    _experiments(stage, fashion)
    return 0


def _train(data, hidden: int, epochs: int, *, callbacks=(), verbose=2):
    model = lib.DenseClassifier(hidden=hidden)
    state = lib.create_state(model, optax.adam(0.001), data.train.images, jax.random.key(0))
    return lib.fit(
        state,
        *data.train,
        epochs=epochs,
        validation=data.test,
        callbacks=callbacks,
        key=jax.random.key(1),
        verbose=verbose,
    )


def _clothes(stage: Stage, data) -> None:
    stage.heading("Fashion: Flatten, Dense 128, Dense 10; five epochs")
    print(data.describe())
    sheet = lib.plots.image_grid(
        data.train.images[:18], data.train.labels[:18], data.class_names, columns=6, note=data
    )
    stage.save(sheet, "clothes")
    print(lib.summary(lib.fashion_dense(), (1, 28, 28, 1)))
    state, history = _train(data, 128, 5)
    measured = lib.evaluate(state, *data.test)
    print(f"test accuracy {measured['accuracy']:.3f}, loss {measured['loss']:.3f}")
    stage.save(lib.plots.history_curves(history, note=data), "clothes-history")
    logits = lib.predict(state, data.test.images)
    answers = logits.argmax(axis=-1)
    images, labels = data.test
    grid = lib.plots.image_grid(
        images[:18], labels[:18], data.class_names, answers[:18], columns=6, note=data
    )
    stage.save(grid, "clothes-predicted")
    probabilities = np.asarray(jax.nn.softmax(logits))
    print(f"the ten probabilities of one picture sum to {probabilities[0].sum():.4f}")
    unsure = int(probabilities.max(axis=-1).argmin())
    figure = lib.plots.prediction(
        images[unsure], probabilities[unsure], data.class_names, int(labels[unsure]), note=data
    )
    stage.save(figure, "clothes-unsure")


def _digits(stage: Stage, data) -> None:
    stage.heading("Digits: Dense 512; stop when the training accuracy is above 0.99")
    print(data.describe())
    sheet = lib.plots.image_grid(
        data.train.images[:18], data.train.labels[:18], data.class_names, columns=6, note=data
    )
    stage.save(sheet, "digits")
    state, history = _train(data, 512, 10, callbacks=[week2.StopAtAccuracy(0.99)])
    measured = lib.evaluate(state, *data.test)
    print(f"stopped after {history.epochs} epochs; test accuracy {measured['accuracy']:.3f}")


def _experiments(stage: Stage, data) -> None:
    count = min(10_000, len(data.train.labels))
    stage.heading(f"Small experiments with {count:,} pictures of clothes")
    train = lib.Split(data.train.images[:count], data.train.labels[:count])
    small = dataclasses.replace(data, train=train)
    print("stop when the loss is below 0.4:")
    _, history = _train(small, 128, 10, callbacks=[lib.StopWhen("loss", below=0.4)], verbose=0)
    print(f"  stopped after {history.epochs} epochs, loss {history['loss'][-1]:.3f}")
    print("more hidden neurons (five epochs, accuracy on test pictures):")
    for hidden in (8, 32, 128, 512):
        _, history = _train(small, hidden, 5, verbose=0)
        print(f"  {hidden:4} neurons: {percent(history['val_accuracy'][-1:])}")
    print("epochs (512 neurons, accuracy on training and on test pictures):")
    _, history = _train(small, 512, 15, verbose=0)
    for epoch in (1, 5, 15):
        train, test = history["accuracy"][epoch - 1], history["val_accuracy"][epoch - 1]
        print(f"  {epoch:2}: {percent((train, test))}")
    print("grey values left at 0…255 (five epochs, accuracy on test pictures):")
    raw = dataclasses.replace(small, train=_as_floats(small.train), test=_as_floats(small.test))
    for name, each in (("not normalised", raw), ("normalised", small)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the experiment needs values out of range
            _, history = _train(each, 128, 5, verbose=0)
        accuracies = percent(history["val_accuracy"])
        print(f"  {name:15} {accuracies}; loss of the first epoch {history['loss'][0]:.1f}")


def _as_floats(split: lib.Split) -> lib.Split:
    return lib.Split(split.images.astype(np.float32), split.labels)
