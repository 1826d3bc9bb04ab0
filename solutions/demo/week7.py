"""Week 7 in one run: a backbone, a new head, what stays frozen, and learning from scratch."""

from __future__ import annotations

import time
from collections.abc import Sequence

import jax
import numpy as np
import optax
from flax import linen as nn

import lib
from lib.transfer.backbone import EDGE
from solutions import week7
from solutions.demo.stage import Stage, parser

BACKBONE = ["backbone"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the week and saves its figures.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    command = parser("week7", "Week 7: transfer learning.", train_size=100)
    command.add_argument(
        "--edge", type=int, default=40, help="edge of the pictures (default: %(default)s)"
    )
    command.add_argument(
        "--epochs", type=int, default=30, help="epochs of each training run (default: %(default)s)"
    )
    command.add_argument(
        "--weights",
        metavar="FILE",
        help="also use InceptionV3 with the weights of this HDF5 file; 'download' fetches it",
    )
    options = command.parse_args(arguments)
    stage = Stage("week7", options.save)
    sizes = {"train_size": options.train_size, "test_size": 10 * options.train_size}
    pets = lib.load("cats_and_dogs", options.data, **sizes, edge=options.edge)
    backbone, variables = _backbone(stage)
    _inception()
    _transfer(stage, pets, backbone, variables, options.epochs)
    _features(pets, backbone, variables, options.epochs)
    if options.weights:
        path = None if options.weights == "download" else options.weights
        _pretrained(options.data, path, options.train_size, options.epochs)
    return 0


def _backbone(stage: Stage) -> tuple[lib.SmallBackbone, dict]:
    stage.heading("A network that knows other animals")
    animals = lib.load("animals", train_size=16, test_size=0, edge=EDGE)
    images, labels = animals.train
    each = np.unique(labels, return_index=True)[1]
    grid = lib.plots.image_grid(
        images[each], labels[each], animals.class_names, columns=4, note=animals
    )
    stage.save(grid, "animals")
    backbone, variables = lib.backbone()
    print(lib.summary(backbone, (1, EDGE, EDGE, 3)))
    return backbone, variables


def _inception() -> None:
    text = "InceptionV3 up to mixed7, at 150×150: computes and allocates nothing"
    print(f"\n── {text}")
    shape = (1, 150, 150, 3)
    cut = lib.InceptionV3(cut="mixed7")
    whole = lib.TransferClassifier(cut)
    variables = jax.eval_shape(whole.init, jax.random.key(0), np.zeros(shape, np.float32))
    print(f"backbone: {lib.count_variables(cut, shape):,} numbers")
    print(f"with the head: {lib.count_variables(whole, shape):,};", end=" ")
    print(f"{lib.count_trainable(variables['params'], 'backbone'):,} of them learn")


def _operations(step: object) -> float:
    costs = step.cost_analysis()  # type: ignore[attr-defined]
    return (costs[0] if isinstance(costs, list) else costs)["flops"] / 1e6


def _start(pets: lib.Dataset, variables: dict | None, frozen: bool) -> lib.TrainState:
    """Creates the initial state: with a trained backbone, or from scratch."""
    model, key = week7.transfer_net(), jax.random.key(0)
    params = model.init(key, pets.train.images[:1] / np.float32(255))["params"]
    if variables is not None:
        params = {**params, "backbone": variables["params"]}
    optimizer = optax.rmsprop(0.001)
    if frozen:
        optimizer = week7.freeze(optimizer, params, BACKBONE)
    return lib.create_state(
        model,
        optimizer,
        pets.train.images,
        key,
        loss=lib.sigmoid_cross_entropy,
        variables={"params": params},
    )


def _transfer(
    stage: Stage, pets: lib.Dataset, backbone: nn.Module, variables: dict, epochs: int
) -> None:
    stage.heading("A few cats and dogs: on the frozen backbone, and from scratch")
    print(pets.describe())
    stage.save(
        lib.plots.image_grid(
            pets.train.images[:12], pets.train.labels[:12], pets.class_names, columns=6, note=pets
        ),
        "few",
    )
    starts = {
        "transfer": _start(pets, variables, frozen=True),
        "from scratch": _start(pets, None, frozen=False),
    }
    for name, state in starts.items():
        batch = pets.train.images[:20], pets.train.labels[:20]
        compiled = lib.train_step.lower(state, batch, jax.random.key(0)).compile()
        memory = sum(leaf.size for leaf in jax.tree.leaves(state.opt_state))
        trained, history = lib.fit(
            state,
            *pets.train,
            epochs=epochs,
            batch_size=20,
            key=jax.random.key(1),
            validation=pets.test,
            verbose=0,
        )
        stage.save(lib.plots.history_curves(history, note=pets), name.replace(" ", "-"))
        learns = week7.count_trainable(state.params, BACKBONE if name == "transfer" else [])
        print(
            f"{name:13} {learns:>8,} parameters learn, the optimizer keeps {memory:,} numbers, "
            f"{_operations(compiled):.0f} million operations per step"
        )
        print(
            f"{'':13} training accuracy {history['accuracy'][-1]:.3f}, "
            f"on fresh pictures {history['val_accuracy'][-1]:.3f}"
        )
        if name == "transfer":
            same = week7.unchanged(state.params, trained.params, BACKBONE)
            print(f"{'':13} the backbone is unchanged, bit for bit: {same}")


def _features(pets: lib.Dataset, backbone: nn.Module, variables: dict, epochs: int) -> None:
    print("\n── The same with features computed once")
    begun = time.perf_counter()
    features = lib.features(backbone, variables, pets.train.images)
    test = lib.features(backbone, variables, pets.test.images)
    computed = time.perf_counter() - begun
    head = lib.TransferHead(hidden=64, dropout=0.2, outputs=1)
    state = lib.create_state(
        head, optax.rmsprop(0.001), features, jax.random.key(0), loss=lib.sigmoid_cross_entropy
    )
    state, _ = lib.fit(
        state, features, pets.train.labels, epochs=epochs, batch_size=20, key=jax.random.key(1),
        verbose=0,
    )  # fmt: skip
    reached = lib.evaluate(state, test, pets.test.labels)["accuracy"]
    print(f"features {features.shape}, {computed:.1f} s; on fresh pictures {reached:.3f}")


def _pretrained(source: str, path: str | None, train_size: int, epochs: int) -> None:
    print("\n── InceptionV3 with pretrained weights")
    pets = lib.load(
        "cats_and_dogs", source, train_size=train_size, test_size=10 * train_size, edge=150
    )
    print(pets.describe())
    model = lib.InceptionV3(cut="mixed7")
    variables = lib.load_inception(model, path)
    features = lib.features(model, variables, pets.train.images)
    test = lib.features(model, variables, pets.test.images)
    state = lib.create_state(
        lib.TransferHead(), optax.rmsprop(0.0001), features, jax.random.key(0),
        loss=lib.sigmoid_cross_entropy,
    )  # fmt: skip
    state, _ = lib.fit(
        state, features, pets.train.labels, epochs=epochs, batch_size=20, key=jax.random.key(1),
        verbose=0,
    )  # fmt: skip
    reached = lib.evaluate(state, test, pets.test.labels)["accuracy"]
    print(f"features {features.shape[1:]}; on fresh pictures {reached:.3f}")
