"""The course's own library: `lib.fit`."""

from collections.abc import Callable

import numpy as np

from benchmarks.programs import LEARNING_RATE, Program

MODULES = ("jax", "flax", "optax")


def trainer(
    program: Program, images: np.ndarray, labels: np.ndarray, threads: int
) -> Callable[[], float]:
    """Builds the network; see the package's docstring."""
    import jax
    import optax

    import lib

    if program.channels:
        model = lib.ConvClassifier(
            program.channels, program.hidden, program.classes, padding=program.padding
        )
    else:
        model = lib.DenseClassifier(program.hidden, program.classes)
    state = lib.create_state(model, optax.adam(LEARNING_RATE), images[:1], jax.random.key(0))
    epochs = 0

    def epoch() -> float:
        nonlocal state, epochs
        key = jax.random.fold_in(jax.random.key(1), epochs)
        epochs += 1
        state, history = lib.fit(
            state, images, labels, batch_size=program.batch_size, key=key, verbose=0
        )
        return history["accuracy"][-1]

    return epoch
