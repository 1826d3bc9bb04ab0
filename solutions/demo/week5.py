"""Week 5 in one run: cats and dogs, overfitting, where it begins, and what slows it down."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
import optax
from PIL import Image

import lib
from lib.plots import NOTE
from solutions import week5
from solutions.demo.stage import Stage, parser

WEIGHT_DECAY = 0.3  # times the learning rate: the fraction of itself that a weight loses per step
PATIENCE = 6  # the loss hardly moves in the first epochs: less patience would stop there
ARCHITECTURES = {
    "Conv 32": (32,),
    "Conv 32, 64": (32, 64),
    "Conv 32, 64, 128": (32, 64, 128),
    "Conv 32, 64, 128, 128": (32, 64, 128, 128),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("week5", "Week 5: overfitting and early stopping.", train_size=400)
    command.add_argument(
        "--edge", type=int, default=48, help="edge of the pictures (default: %(default)s)"
    )
    command.add_argument(
        "--epochs", type=int, default=24, help="epochs of each training run (default: %(default)s)"
    )
    options = command.parse_args(arguments)
    stage = Stage("week5", options.save)
    data = lib.load(
        "cats_and_dogs",
        options.data,
        train_size=options.train_size,
        test_size=min(1_000, 2 * (options.train_size // 2)),
        edge=options.edge,
    )
    # Split what `load` calls test: one half to choose with, one to judge with at the end.
    half = len(data.test.labels) // 2
    images, labels = data.test
    validation = lib.Split(images[:half], labels[:half])
    test = lib.Split(images[half:], labels[half:])
    _split(data)
    _overfitting(stage, data, validation, options.epochs)
    _two_outputs_or_one(data, validation, options.epochs)
    _brakes(stage, data, validation, options.epochs)
    _choice(data, validation, test, options.epochs)
    return 0


def _split(data: lib.Dataset) -> None:
    print("\n── A folder, split at random")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "cats"
        source.mkdir()
        cats = data.train.images[data.train.labels == 0][:40]
        for k, image in enumerate(cats):
            Image.fromarray(image).save(source / f"cat.{k}.png")
        (source / "cat.666.png").write_bytes(b"")
        train, test = Path(name) / "train" / "cats", Path(name) / "test" / "cats"
        left_out = week5.split_data(str(source), str(train), str(test), 0.9, seed=0)
        counts = [len(list(folder.iterdir())) for folder in (source, train, test)]
    print(f"{counts[0]} files: {counts[1]} to learn from, {counts[2]} to judge with,", end=" ")
    print(f"left out: {', '.join(left_out)}")


def _train(model, data, validation, epochs: int, optimizer=None, **options):
    state = lib.create_state(
        model,
        optimizer or optax.adam(0.001),
        data.train.images,
        jax.random.key(0),
        loss=options.pop("loss", lib.softmax_cross_entropy),
    )
    return lib.fit(
        state,
        *data.train,
        epochs=epochs,
        batch_size=16,
        key=jax.random.key(1),
        validation=validation,
        verbose=0,
        **options,
    )


def _overfitting(stage: Stage, data: lib.Dataset, validation: lib.Split, epochs: int) -> None:
    stage.heading("Cats and dogs: training improves, validation does not follow")
    print(data.describe())
    grid = lib.plots.image_grid(
        data.train.images[:18], data.train.labels[:18], data.class_names, columns=6, note=data
    )
    stage.save(grid, "cats-and-dogs")
    print(lib.summary(week5.cats_and_dogs_net(), (1, 150, 150, 3)), "\n")
    state, history = _train(week5.cats_and_dogs_net(), data, validation, epochs)
    for epoch, logs in enumerate(history.logs, 1):
        listed = "  ".join(f"{name} {value:.3f}" for name, value in logs.items())
        print(f"{epoch:3}: {listed}")
    figure = week5.plot_history(history)
    figure.set_size_inches(7.5, 3.6)
    figure.suptitle(data.describe(), fontsize=NOTE, color="#666666")
    stage.save(figure, "overfitting")
    print(f"overfitting begins after epoch {week5.overfitting_epoch(history)}")
    stop = week5.EarlyStopping(PATIENCE)
    best, stopped = _train(week5.cats_and_dogs_net(), data, validation, epochs, callbacks=[stop])
    for name, each in (("last parameters", state), ("parameters from early stopping", best)):
        measured = lib.evaluate(each, *validation)
        print(
            f"{name}: validation loss {measured['loss']:.3f}, accuracy {measured['accuracy']:.3f}"
        )
    print(f"early stopping ran for {stopped.epochs} epochs")


def _two_outputs_or_one(data: lib.Dataset, validation: lib.Split, epochs: int) -> None:
    print("\n── Two outputs with softmax, or one with a sigmoid")
    two = np.array([[0.3, 1.7]], np.float32)
    one = two[:, 1:] - two[:, :1]
    print(f"probability of a dog: {jax.nn.softmax(two)[0, 1]:.6f} and ", end="")
    print(f"{jax.nn.sigmoid(one)[0, 0]:.6f}")
    for outputs, loss in ((2, lib.softmax_cross_entropy), (1, lib.sigmoid_cross_entropy)):
        net = lib.cats_and_dogs(outputs=outputs)
        _, history = _train(net, data, validation, max(1, epochs // 2), loss=loss)
        print(
            f"{outputs} output{'s' if outputs > 1 else ' '}: best validation loss "
            f"{min(history['val_loss']):.3f}, accuracy {max(history['val_accuracy']):.3f}"
        )


def _brakes(stage: Stage, data: lib.Dataset, validation: lib.Split, epochs: int) -> None:
    stage.heading("Weight decay: every step makes all weights a little smaller")
    histories = {}
    for name, optimizer in (
        ("none", optax.adam(0.001)),
        (f"weight decay {WEIGHT_DECAY}", optax.adamw(0.001, weight_decay=WEIGHT_DECAY)),
    ):
        state, history = _train(lib.cats_and_dogs(), data, validation, epochs, optimizer)
        histories[name] = history
        squares = sum(float((leaf**2).sum()) for leaf in jax.tree.leaves(state.params))
        print(
            f"{name:17} training accuracy {history['accuracy'][-1]:.3f}, validation loss last "
            f"{history['val_loss'][-1]:.3f}, best {min(history['val_loss']):.3f}, best accuracy "
            f"{max(history['val_accuracy']):.3f}, sum of squared weights {squares:.0f}"
        )
    figure = lib.plots.new_figure(6.5, 4, data)
    axes = figure.subplots()
    for name, history in histories.items():
        axes.plot(range(1, history.epochs + 1), history["val_loss"], label=name)
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation loss")
    axes.legend()
    lib.plots.quiet(axes)
    stage.save(figure, "weight-decay")


def _choice(data: lib.Dataset, validation: lib.Split, test: lib.Split, epochs: int) -> None:
    print("\n── Which network? The validation loss decides; the test set is used once")
    found = {}
    for name, channels in ARCHITECTURES.items():
        model = lib.ConvClassifier(channels, hidden=128, classes=2)
        stop = week5.EarlyStopping(PATIENCE)
        state, history = _train(model, data, validation, epochs, callbacks=[stop])
        found[name] = (min(history["val_loss"]), state)
        print(f"{name:23} {history.epochs:2} epochs, best validation loss {found[name][0]:.3f}")
    best = min(found, key=lambda name: found[name][0])
    measured = lib.evaluate(found[best][1], *test)
    print(f"chosen: {best}; test loss {measured['loss']:.3f}, accuracy {measured['accuracy']:.3f}")
