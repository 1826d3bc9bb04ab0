"""Week 3 in one run: filters and pooling from scratch, then a convolutional network from inside."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
import optax

import lib
from solutions import week3
from solutions.demo.stage import Stage, parser

FILTERS = {
    "edges": np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32),
    "vertical lines": week3.VERTICAL_LINES,
    "horizontal lines": week3.VERTICAL_LINES.T,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("week3", "Week 3: convolutions and pooling.", train_size=8_000)
    command.add_argument(
        "--epochs",
        type=int,
        default=4,
        help="epochs of the convolutional network; the dense one gets twice as many "
        "(default: %(default)s)",
    )
    options = command.parse_args(arguments)
    stage = Stage("week3", options.save)
    picture = lib.grey_picture()
    _filters(stage, picture)
    _pooling(stage, picture)
    sizes = {
        "train_size": options.train_size,
        "test_size": min(10_000, max(200, options.train_size // 4)),
    }
    fashion = lib.load("fashion_mnist", options.data, **sizes)
    state = _networks(stage, fashion, options.epochs)
    _insides(stage, fashion, state)
    digits = lib.load("mnist", options.data, **sizes)
    _one_convolution(stage, digits)
    return 0


def _filtered(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return np.clip(week3.convolve2d(picture, kernel), 0, 255).astype(np.uint8)


def _filters(stage: Stage, picture: np.ndarray) -> None:
    stage.heading("Three filters on a grey picture")
    pictures = {"picture": picture}
    for name, kernel in FILTERS.items():
        pictures[name] = _filtered(picture, kernel)
        print(f"{name}: {kernel.astype(int).tolist()}")
    print(f"{picture.shape} becomes {pictures['edges'].shape}: no window fits at the border")
    stage.save(lib.plots.picture_row(pictures, columns=2), "filters")


def _pooling(stage: Stage, picture: np.ndarray) -> None:
    stage.heading("Pooling: what it loses and what it keeps")
    found = _filtered(picture, FILTERS["vertical lines"])
    pictures = {"vertical lines": found}
    for size in (2, 4, 8):
        pictures[f"largest of {size}×{size}"] = np.asarray(
            week3.max_pool2d(found.astype(np.float32), size)
        ).astype(np.uint8)
    mean = lib.avg_pool(found.astype(np.float32)[None, :, :, None], 8)[0, :, :, 0]
    pictures["mean of 8×8"] = np.asarray(mean).astype(np.uint8)
    for name, pooled in pictures.items():
        print(f"{name:18} {pooled.shape!s:12} mean {pooled.mean():5.1f}, largest {pooled.max()}")
    stage.save(lib.plots.picture_row(pictures, columns=3), "pooling")
    overlapping = lib.max_pool(found.astype(np.float32)[None, :, :, None], 3, 2)
    print(f"3×3 windows that move by 2 overlap: {overlapping.shape[1:3]}")


def _fit(model, data, epochs: int, **options):
    state = lib.create_state(model, optax.adam(0.001), data.train.images, jax.random.key(0))
    return lib.fit(state, *data.train, epochs=epochs, key=jax.random.key(1), **options)


def _networks(stage: Stage, data, epochs: int) -> lib.TrainState:
    stage.heading("Convolutional against dense, on the same pictures")
    print(data.describe())
    for model in (lib.fashion_cnn(), lib.same_cnn()):
        print(lib.summary(model, (1, 28, 28, 1)), "\n")
    dense, _ = _fit(lib.fashion_dense(), data, 2 * epochs, verbose=0)
    state, history = _fit(lib.fashion_cnn(), data, epochs, validation=data.test, verbose=2)
    stage.save(lib.plots.history_curves(history, note=data), "cnn-history")
    for name, trained, count in (("dense", dense, 2 * epochs), ("convolutional", state, epochs)):
        accuracy = lib.evaluate(trained, *data.test)["accuracy"]
        print(f"{name:14} after {count} epochs: test accuracy {accuracy:.3f}")
    return state


def _insides(stage: Stage, data, state: lib.TrainState) -> None:
    stage.heading("Inside the network")
    kernels = state.params["conv1"]["kernel"]
    stage.save(
        lib.plots.filter_grid(kernels, note="the 64 filters of conv1: blue for, orange against"),
        "filter-grid",
    )
    chosen = [int(np.flatnonzero(data.test.labels == label)[0]) for label in (7, 9, 1)]
    images = data.test.images[np.array(chosen)]
    layers = week3.layer_activations(state.model, state.params, images / np.float32(255))
    for name, output in layers.items():
        silent = float(np.mean(np.asarray(output) == 0))
        print(f"{name:8} {output.shape[1:]!s:14} exactly zero: {silent:.0%}")
    strongest = int(np.argmax(np.asarray(layers["conv2"]).mean(axis=(0, 1, 2))))
    rows = {}
    for i, label in enumerate((7, 9, 1)):
        rows[data.class_names[label]] = 255 - images[i, :, :, 0]
        for name in ("conv1", "conv2"):
            channel = layers[name][i][:, :, strongest]
            rows[f"{name}, filter {strongest}" + " " * i] = week3.activation_to_image(channel)
    stage.save(lib.plots.picture_row(rows, columns=3, note=data), "one-filter")
    stage.save(
        lib.plots.activation_grid(
            layers["conv1"][1], title="conv1: what 64 filters see in an ankle boot", note=data
        ),
        "activations",
    )


def _one_convolution(stage: Stage, data) -> None:
    stage.heading("Digits with a single convolution: stop at training accuracy 0.998")
    print(data.describe())
    state, history = _fit(
        lib.one_conv_cnn(),
        data,
        19,
        callbacks=[lib.StopWhen("accuracy", above=0.998)],
        verbose=0,
    )
    accuracy = lib.evaluate(state, *data.test)["accuracy"]
    print(f"stopped after {history.epochs} epochs; test accuracy {accuracy:.3f}")
