"""Trains one network of weeks 2 and 3 on a real set, as in the course or with stock layers."""

import time
from typing import Any

import numpy as np

from benchmarks.programs import LEARNING_RATE, PROGRAMS, Program

# The Fashion CNN with stock XLA's convolution and pooling.
STOCK = "stock_fashion_cnn"


def program_of(name: str) -> Program:
    """Returns the program of a name in `benchmarks.programs.PROGRAMS`, or of `STOCK`."""
    return PROGRAMS[name.removeprefix("stock_")]


def train_once(name: str, data: Any, seed: int) -> dict[str, Any]:
    """Trains one network from one seed as the course does, and tests it.

    Args:
      name: a name in `benchmarks.programs.PROGRAMS`, or `STOCK`.
      data: the network's set, from `lib.load`.
      seed: for the initial parameters and the order of the examples, not for the data.

    Returns:
      The results, ready for JSON.
    """
    import jax
    import optax

    import lib
    from benchmarks.runners import flax_model

    program = program_of(name)
    model = {
        "mnist_dense": lib.mnist_dense,
        "fashion_dense": lib.fashion_dense,
        "fashion_cnn": lib.fashion_cnn,
        "same_cnn": lib.same_cnn,
        STOCK: lambda: flax_model.model_and_step(program)[0],
    }[name]()
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    state = lib.create_state(model, optax.adam(LEARNING_RATE), data.train.images[:1], init_key)
    callbacks = []
    if program.stop_above is not None:
        callbacks.append(lib.StopWhen("accuracy", above=program.stop_above))
    started = time.perf_counter()
    if name == STOCK:
        state, accuracies = train_step_by_step(state, data.train, program, fit_key)
    else:
        state, history = lib.fit(
            state,
            *data.train,
            epochs=program.epochs,
            batch_size=program.batch_size,
            key=fit_key,
            callbacks=callbacks,
            verbose=0,
        )
        accuracies = history["accuracy"]
    seconds = time.perf_counter() - started
    return {
        "seed": seed,
        "epochs": len(accuracies),
        "train": accuracies[-1],
        "train_by_epoch": accuracies,
        "test": lib.evaluate(state, *data.test)["accuracy"],
        "seconds_per_epoch": seconds / len(accuracies),
        "train_size": len(data.train.labels),
        "test_size": len(data.test.labels),
        "is_real": data.is_real,
        "data": data.describe(),
    }


def train_step_by_step(state: Any, train: Any, program: Program, key: Any) -> tuple[Any, list]:
    """Trains in a Python loop, as stock convolutions are tens of times slower in a compiled one.

    Args:
      state: a `lib.TrainState`.
      train: images and labels.
      program: epochs and batch size.
      key: random key for the order of the images.

    Returns:
      The trained state, and the running training accuracy of each epoch.
    """
    import jax

    import lib

    accuracies = []
    for epoch in range(program.epochs):
        order = np.asarray(
            jax.random.permutation(jax.random.fold_in(key, epoch), len(train.labels))
        )
        right = []
        for start in range(0, len(order), program.batch_size):
            rows = order[start : start + program.batch_size]
            state, logs = lib.train_step(state, (train.images[rows], train.labels[rows]), key)
            right.append(logs["accuracy"] * len(rows))
        accuracies.append(float(sum(jax.device_get(right))) / len(order))
    return state, accuracies
