"""Week 6 in one run: many pictures from one, borders, dropout, and a gap that closes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lib
from solutions import week6
from solutions.demo.stage import Stage, parser

AUGMENT = lib.Augment(
    rotation=20,
    width_shift=0.15,
    height_shift=0.15,
    zoom=0.2,
    horizontal_flip=True,
    brightness=(0.8, 1.2),
)
PLAIN_EPOCHS = 10  # before dropout and augmentation, which make it hard to start on few pictures
BATCH_SIZE = 20
COURSE = lib.Augment(
    rotation=40, width_shift=0.2, height_shift=0.2, shear=0.2, zoom=0.2, horizontal_flip=True
)
# Each change alone, at its largest.
CHANGES = {
    "rotated by 40°": {"rotation": 40.0},
    "shifted": {"column_shift": -0.2, "row_shift": -0.1},
    "sheared by 0.2°": {"shear": 0.2},
    "sheared by 20°": {"shear": 20.0},
    "rows × 0.8": {"row_zoom": 0.8},
    "columns × 1.2": {"column_zoom": 1.2},
    "flipped": {"horizontal_flip": True},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("week6", "Week 6: augmentation and dropout.", train_size=400)
    command.add_argument(
        "--edge", type=int, default=48, help="edge of the pictures (default: %(default)s)"
    )
    command.add_argument(
        "--epochs", type=int, default=48, help="epochs of each training run (default: %(default)s)"
    )
    options = command.parse_args(arguments)
    stage = Stage("week6", options.save)
    closer = lib.load("cats_and_dogs", options.data, train_size=8, test_size=1, edge=120)
    _changes(stage, closer)
    _many(stage, closer)
    _borders(stage, closer)
    _by_hand(closer)
    data = lib.load(
        "cats_and_dogs",
        options.data,
        train_size=options.train_size,
        test_size=min(1_000, options.train_size),
        edge=options.edge,
    )
    _gap(stage, data, options.epochs)
    return 0


def _pictures(data: lib.Dataset) -> jax.Array:
    return lib.as_input(data.train.images)


def _changes(stage: Stage, data: lib.Dataset) -> None:
    stage.heading("Ways to change a picture")
    image = _pictures(data)[:1]
    everything = lib.Augment(rotation=1)
    still = lib.Augment().draw(jax.random.key(0), 1)
    shown = {"unchanged": np.asarray(image[0])}
    for name, change in CHANGES.items():
        drawn = still._replace(**{key: jnp.array([value]) for key, value in change.items()})
        shown[name] = np.asarray(everything.apply(drawn, image)[0])
    grid = lib.plots.image_grid(
        np.stack(list(shown.values())), range(len(shown)), list(shown), columns=4, note=data
    )
    stage.save(grid, "changes")
    drawn = still._replace(shear=jnp.array([0.2]))
    moved = everything.matrices(drawn, *image.shape[1:3])[0] - jnp.eye(3)
    corner = moved @ jnp.array([0.0, 0.0, 1.0])
    print(f"a shear of 0.2° moves the corner of a picture of {image.shape[1]} pixels by", end=" ")
    print(f"{float(jnp.abs(corner[:2]).max()):.2f} pixels")


def _many(stage: Stage, data: lib.Dataset) -> None:
    stage.heading("One picture, twelve times")
    image = jnp.repeat(_pictures(data)[1:2], 12, axis=0)
    drawn = COURSE.draw(jax.random.key(0), 12)
    for name in ("rotation", "column_shift", "row_zoom"):
        print(f"{name:16}", np.round(np.asarray(getattr(drawn, name))[:6], 2))
    many = np.asarray(COURSE(jax.random.key(0), image))
    stage.save(lib.plots.image_grid(many, columns=4, note=data), "one-picture")


def _borders(stage: Stage, data: lib.Dataset) -> None:
    stage.heading("Fill modes")
    image = _pictures(data)[2]
    modes = ("nearest", "constant", "reflect", "wrap")
    turn = week6.compose(
        week6.rotation_about_centre(25, *image.shape[:2]),
        jnp.array([[1.3, 0, -20], [0, 1.3, -20], [0, 0, 1]]),
    )
    pictures = np.stack([np.asarray(week6.sample(image, turn, mode)) for mode in modes])
    grid = lib.plots.image_grid(pictures, range(4), modes, columns=4, note=data)
    stage.save(grid, "fill-modes")


def _by_hand(data: lib.Dataset) -> None:
    print("\n── The week's own transform and the library's")
    image = _pictures(data)[2]
    turn = week6.rotation_about_centre(25, *image.shape[:2])
    for mode in ("nearest", "constant", "reflect", "wrap"):
        ours = lib.affine_transform(image[None], turn, mode)[0]
        apart = float(jnp.abs(week6.sample(image, turn, mode) - ours).max())
        print(f"{mode:9} at most {255 * apart:.3f} grey levels apart")


def _fit(data: lib.Dataset, model, optimizer, epochs: int, **options):
    state = lib.create_state(model, optimizer, data.train.images, jax.random.key(0), **options)
    return lib.fit(
        state,
        *data.train,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        key=jax.random.key(1),
        validation=data.test,
        verbose=0,
    )


def _gap(stage: Stage, data: lib.Dataset, epochs: int) -> None:
    stage.heading("The gap between training and validation")
    print(data.describe())
    plain = min(PLAIN_EPOCHS, epochs)
    begun, before = _fit(data, lib.cats_and_dogs(), optax.adam(0.001), plain)
    start = {"params": begun.params}
    print(f"all four continue from the same {plain} epochs with neither")
    steps = epochs * math.ceil(len(data.train.labels) / BATCH_SIZE)
    for name, augment, rate in (
        ("neither", None, 0.0),
        ("dropout", None, 0.5),
        ("augmentation", AUGMENT, 0.0),
        ("both", AUGMENT, 0.5),
    ):
        optimizer = optax.adam(optax.cosine_decay_schedule(0.0015, steps))
        state, history = _fit(
            data,
            lib.cats_and_dogs(dropout=rate),
            optimizer,
            epochs,
            augment=augment,
            variables=start,
        )
        train = lib.evaluate(state, *data.train)["accuracy"]
        test = history["val_accuracy"][-1]
        print(
            f"{name:13} training {train:.3f}, validation {test:.3f}, gap {train - test:.3f}; "
            f"validation loss {history['val_loss'][-1]:.2f}",
            flush=True,
        )
        if name in ("neither", "both"):
            whole = lib.History(before.logs + history.logs)
            stage.save(lib.plots.history_curves(whole, note=data), f"{name}-history")
