"""The course's own library: `lib.fit`."""

from pathlib import Path
from typing import Any

from benchmarks.arms import History, Pictures, read_history
from benchmarks.picture_programs import AUGMENTATION, LEARNING_RATE, PictureProgram


def train(
    program: PictureProgram, data: Pictures, seed: int, epochs: int, threads: int, folder: Path
) -> History:
    """Trains one program; see the package's docstring. A pause does not change the results."""
    import jax
    import optax

    import lib

    model = lib.ConvClassifier(
        program.channels, program.hidden, program.outputs, dropout=program.dropout
    )
    optimizer = {
        "adam": optax.adam(LEARNING_RATE),
        "rmsprop": optax.rmsprop(LEARNING_RATE, decay=0.9, eps=1e-7),
    }[program.optimizer]
    loss = {
        "sigmoid": lib.sigmoid_cross_entropy,
        "softmax": lib.softmax_cross_entropy,
        "one-hot": lib.categorical_cross_entropy,
    }[program.loss]

    def targets(labels):
        return jax.nn.one_hot(labels, program.outputs) if program.loss == "one-hot" else labels

    # The names are Keras's, without their ending.
    ranges: dict[str, Any] = {n.removesuffix("_range"): value for n, value in AUGMENTATION.items()}
    augment = lib.Augment(**ranges) if program.augmented else None
    init_key, fit_key = jax.random.split(jax.random.key(seed))
    state = lib.create_state(model, optimizer, data.images[:1], init_key, loss, augment)
    validation = None
    if len(data.val_labels):
        validation = (data.val_images, targets(data.val_labels))
    checkpoint = lib.Checkpoint(folder / "state.npz")
    state, done = checkpoint.resume(state)
    log = lib.LogHistory(folder / "history.csv")
    stop = program.stop_above
    lib.fit(
        state,
        data.images,
        targets(data.labels),
        epochs=epochs,
        batch_size=program.batch_size,
        key=fit_key,
        validation=validation,
        callbacks=[log, checkpoint]
        + ([] if stop is None else [lib.StopWhen("accuracy", above=stop)]),
        initial_epoch=done,
        verbose=2,
    )
    return read_history(folder / "history.csv")
