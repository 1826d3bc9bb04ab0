"""Week 8 in one run: hands, letters from a table, mistakes, and a saved model."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Sequence

import jax
import numpy as np
import optax

import lib
from lib.__main__ import main as look
from solutions import week8
from solutions.demo.stage import Stage, parser

EDGE = 48  # of the hands; the originals have 150 pixels


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("week8", "Week 8: many classes, evaluation, saving.", train_size=4_000)
    command.add_argument(
        "--epochs", type=int, default=7, help="epochs of both networks (default: %(default)s)"
    )
    options = command.parse_args(arguments)
    stage = Stage("week8", options.save)
    hands = lib.load(
        "rock_paper_scissors",
        options.data,
        train_size=min(1_500, options.train_size),
        test_size=min(372, options.train_size),
        edge=EDGE,
    )
    _hands(stage, hands, options.epochs)
    letters = lib.load(
        "sign_language_mnist",
        options.data,
        train_size=options.train_size,
        test_size=max(100, options.train_size // 4),
    )
    _table(letters)
    state = _letters(stage, letters, options.epochs)
    _mistakes(stage, letters, state)
    _saving(letters, state)
    return 0


def _hands(stage: Stage, data: lib.Dataset, epochs: int) -> None:
    stage.heading("Rock, paper, scissors: three outputs, one-hot labels, dropout")
    print(data.describe())
    model = week8.rock_paper_scissors_net()
    print(lib.summary(model, (1, 150, 150, 3)))
    sheet = lib.plots.image_grid(
        data.train.images[:18], data.train.labels[:18], data.class_names, columns=6, note=data
    )
    stage.save(sheet, "hands")
    state = lib.create_state(
        model,
        optax.rmsprop(0.001),
        data.train.images,
        jax.random.key(0),
        loss=lib.categorical_cross_entropy,
    )
    train, test = ((images, week8.one_hot(labels, 3)) for images, labels in (data.train, data.test))
    state, history = lib.fit(
        state, *train, epochs=epochs, key=jax.random.key(1), validation=test, verbose=2
    )
    stage.save(lib.plots.history_curves(history, note=data), "hands-history")
    answers = np.argmax(lib.predict(state, data.test.images), axis=-1)
    print(lib.class_report(data.test.labels, answers, data.class_names))


def _table(data: lib.Dataset) -> None:
    """Parses a table with two broken rows and prints the result."""
    lines = ["label," + ",".join(f"pixel{i}" for i in range(1, 785))]
    for image, label in zip(data.train.images[:5], data.train.labels[:5], strict=True):
        lines.append(",".join(map(str, [label, *image.ravel()])))
    lines[2] = lines[2].rsplit(",", 1)[0]
    lines[4] = "?" + lines[4][1:]
    images, labels, bad = week8.parse_csv("\n".join(lines))
    print(f"\na table of 5 rows: images {images.shape}, labels {labels.tolist()}, left out {bad}")


def _letters(stage: Stage, data: lib.Dataset, epochs: int) -> lib.TrainState:
    stage.heading("Twenty-four letters")
    print(data.describe())
    shown = np.array(
        [np.flatnonzero(data.train.labels == k)[0] for k in np.unique(data.train.labels)]
    )
    images, labels = data.train.images[shown], data.train.labels[shown]
    stage.save(
        lib.plots.image_grid(images, labels, data.class_names, columns=6, note=data),
        "letters",
    )
    steps = epochs * -(-len(data.train.images) // 32)
    state = lib.create_state(
        lib.sign_letters(),
        optax.adam(optax.linear_schedule(0.002, 0.0, steps)),
        data.train.images,
        jax.random.key(0),
    )
    state, history = lib.fit(
        state, *data.train, epochs=epochs, key=jax.random.key(1), validation=data.test, verbose=2
    )
    stage.save(lib.plots.history_curves(history, note=data), "letters-history")
    return state


def _mistakes(stage: Stage, data: lib.Dataset, state: lib.TrainState) -> None:
    stage.heading("What it gets wrong")
    images, labels = data.test
    probabilities = lib.probabilities(lib.predict(state, images))
    answers = probabilities.argmax(axis=1)
    print(lib.class_report(labels, answers, data.class_names))
    confusion = week8.confusion_matrix(labels, answers, len(data.class_names))
    drawn = np.unique(labels)  # J and Z never occur
    stage.save(
        lib.plots.confusion_matrix(
            np.asarray(confusion)[np.ix_(drawn, drawn)],
            [data.class_names[k] for k in drawn],
            note=data,
        ),
        "confusion",
    )
    if np.all(answers == labels):
        print("no mistakes")
        return
    stage.save(
        lib.plots.worst_mistakes(images, labels, probabilities, data.class_names, note=data),
        "worst-mistakes",
    )


def _saving(data: lib.Dataset, state: lib.TrainState) -> None:
    from PIL import Image

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("\nsaved, loaded, and bit for bit the same: ", end="")
        week8.save_model(str(folder / "params.npz"), state.params)
        again = state.replace(params=week8.load_model(str(folder / "params.npz")))
        images = data.test.images[:50]
        print(np.array_equal(lib.predict(state, images), lib.predict(again, images)))
        lib.save_model(
            folder / "letters.npz", state.model, state.params, data.class_names, images.shape[1:]
        )
        picture = folder / "sign.png"
        Image.fromarray(images[0, :, :, 0]).resize((200, 200)).save(picture)
        name = data.class_names[data.test.labels[0]]
        print(f"python -m lib predict letters.npz sign.png   (it is {name})")
        look(["predict", str(folder / "letters.npz"), str(picture)])
