"""Week 4 in one run: colour, folders, a network with one output, and eighty memorised faces."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
import optax
from PIL import Image

import lib
from lib.plots import SMALL, TEXT
from solutions import week4
from solutions.demo.stage import Stage, parser

EDGES = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32)
SIZES = ((96, 64), (50, 80), (120, 120), (75, 100))  # of the files, (width, height) in pixels


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("week4", "Week 4: real-world images.", train_size=400)
    command.add_argument(
        "--edge", type=int, default=60, help="edge of the pictures (default: %(default)s)"
    )
    command.add_argument(
        "--epochs", type=int, default=12, help="epochs for horses and humans (default: %(default)s)"
    )
    options = command.parse_args(arguments)
    stage = Stage("week4", options.save)
    horses = lib.load(
        "horse_or_human",
        options.data,
        train_size=options.train_size,
        test_size=min(256, options.train_size),
        edge=options.edge,
    )
    _colour(stage, horses)
    _folders(stage, horses)
    state = _horses(stage, horses, options.epochs)
    _insides(stage, horses, state)
    _faces(stage, options)
    return 0


def _colour(stage: Stage, data: lib.Dataset) -> None:
    stage.heading("Three channels, one kernel with three slices")
    picture = data.train.images[0]
    kernels = np.stack([EDGES] * 3, axis=2)[..., None] / 3
    each = [
        week4.convolve_rgb(picture[:, :, c : c + 1], kernels[:, :, c : c + 1]) for c in range(3)
    ]
    added = week4.convolve_rgb(picture, kernels)
    print(f"{picture.shape} and kernels {kernels.shape} give {added.shape}")
    print(f"largest difference from the sum of the slices: {np.abs(added - sum(each)).max():.1e}")
    figure = lib.plots.new_figure(7.5, 4.4, data)
    axes = figure.subplots(2, 4)
    for axis in axes.ravel():
        axis.set_axis_off()
    shown = [("picture", picture)]
    shown += [(name, picture[:, :, c]) for c, name in enumerate(("red", "green", "blue"))]
    shown += [
        (f"{name}, filtered", filtered[:, :, 0])
        for (name, _), filtered in zip(shown[1:], each, strict=True)
    ]
    for axis, (title, image) in zip(axes[0], shown[:4], strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        axis.set_title(title, fontsize=TEXT)
    for axis, (title, image) in zip(axes[1, 1:], shown[4:], strict=True):
        axis.imshow(np.clip(image * 3, 0, 255), cmap="gray", vmin=0, vmax=255)
        axis.set_title(title, fontsize=TEXT)
    axes[1, 0].imshow(np.clip(added[:, :, 0], 0, 255), cmap="gray", vmin=0, vmax=255)
    axes[1, 0].set_title("sum of the three", fontsize=TEXT)
    stage.save(figure, "channels")


def _folders(stage: Stage, data: lib.Dataset) -> None:
    stage.heading("A folder of pictures, with two broken files")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = []
        for k, (image, label) in enumerate(zip(*data.train, strict=True)):
            if k == 18:
                break
            path = folder / data.class_names[label] / f"{k:02}.{('png', 'jpg')[k % 2]}"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(image).resize(SIZES[k % 4]).save(path)
            written.append(path)
        written[0].with_name("empty.png").write_bytes(b"")
        written[1].with_name("cut.png").write_bytes(written[0].read_bytes()[:400])
        paths = [path.relative_to(folder).as_posix() for path in written]
        labels, class_names = week4.labels_from_folders([f"train/{path}" for path in paths])
        print(f"{', '.join(paths[:3])} …: labels {labels[:8]}, classes {class_names}")
        images, labels, left_out = week4.load_pictures(str(folder), 60)
    print(f"loaded {images.shape}, {images.dtype}; left out: {', '.join(left_out)}")
    grid = lib.plots.image_grid(images, labels, class_names, columns=6, note=data)
    stage.save(grid, "horses-and-humans")


def _horses(stage: Stage, data: lib.Dataset, epochs: int) -> lib.TrainState:
    stage.heading("Horse or human: one output")
    print(data.describe())
    print(lib.summary(week4.horse_or_human_net(), (1, 300, 300, 3)), "\n")
    n = len(data.train.labels)
    edge = data.train.images.shape[1]
    print(f"here {edge} × {edge} pixels, {week4.steps_per_epoch(n, 16)} steps of 16 per epoch")
    state = lib.create_state(
        lib.horse_or_human(),
        optax.rmsprop(0.001),
        data.train.images,
        jax.random.key(0),
        loss=lib.sigmoid_cross_entropy,
    )
    state, history = lib.fit(
        state,
        *data.train,
        epochs=epochs,
        batch_size=16,
        key=jax.random.key(1),
        validation=data.test,
        verbose=2,
    )
    stage.save(lib.plots.history_curves(history, note=data), "horses-history")
    for picture, label in zip(data.test.images[:4], data.test.labels[:4], strict=True):
        found, probability = week4.classify_picture(
            state.model, state.params, picture, data.class_names
        )
        print(f"{data.class_names[label]:7} probability {probability:.3f}: {found}")
    return state


def _insides(stage: Stage, data: lib.Dataset, state: lib.TrainState) -> None:
    stage.heading("Inside: what three layers see, and how much of it is exactly zero")
    images = data.test.images[:64]
    layers = lib.activations(state.model, state.params, images / np.float32(255))
    for name, output in layers.items():
        silent = float(np.mean(np.asarray(output) == 0))
        print(f"{name:8} {output.shape[1:]!s:14} exactly zero: {silent:.0%}")
    figure = lib.plots.new_figure(7.5, 6.2, data)
    axes = figure.subplots(3, 4)
    chosen = int(np.flatnonzero(data.test.labels[:64] == 1)[0])
    for row, name in zip(axes, ("conv1", "conv2", "conv3"), strict=True):
        output = np.asarray(layers[name][chosen])
        # The filters whose output varies most across this picture.
        strongest = np.argsort(-output.std(axis=(0, 1)))[: len(row)]
        for axis, number in zip(row, strongest, strict=True):
            axis.imshow(output[:, :, number], cmap="gray")
            axis.set_title(f"{name}, filter {number}", fontsize=SMALL)
            axis.set_axis_off()
    stage.save(figure, "views")


def _faces(stage: Stage, options) -> None:
    stage.heading("Happy or sad: train until the network knows all eighty faces")
    faces = lib.load(
        "happy_or_sad", options.data, train_size=80, test_size=0, edge=min(options.edge, 75)
    )
    print(faces.describe())
    grid = lib.plots.image_grid(
        faces.train.images[:12], faces.train.labels[:12], faces.class_names, columns=6, note=faces
    )
    stage.save(grid, "faces")
    params, accuracies = week4.train_happy_or_sad(*faces.train, jax.random.key(0))
    print(f"{len(accuracies)} epochs: {', '.join(f'{value:.3f}' for value in accuracies)}")
    if faces.is_real:
        return
    new = lib.draw("happy_or_sad", 200, 0, faces.train.images.shape[1])
    right = [
        week4.classify_picture(lib.happy_or_sad(), params, picture, ("0", "1"))[0] == str(label)
        for picture, label in zip(*new, strict=True)
    ]
    print(f"on {len(right)} new faces: {np.mean(right):.3f}")
