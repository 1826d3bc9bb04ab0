"""Week 5's claim: a network memorises its cats and dogs, and validation falls behind.

On every seed, the training accuracy approaches 1 and the validation accuracy stays well below. The
validation loss is lowest early and then rises, while the training loss keeps falling. The network
is narrow, with three convolutions, so that five seeds are quick.
"""

import jax
import numpy as np
import optax
import pytest

import lib

TRAIN_SIZE, VALIDATION_SIZE, EDGE, EPOCHS = 300, 200, 48, 24
NET = lib.ConvClassifier((16, 32, 64), hidden=256, classes=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_training_goes_on_where_validation_gets_no_better(seed):
    data = lib.load(
        "cats_and_dogs", train_size=TRAIN_SIZE, test_size=VALIDATION_SIZE, edge=EDGE, seed=seed
    )
    params_key, fit_key = jax.random.split(jax.random.key(seed))
    state = lib.create_state(NET, optax.adam(0.001), data.train.images[:1], params_key)
    _, history = lib.fit(
        state,
        *data.train,
        epochs=EPOCHS,
        batch_size=16,
        key=fit_key,
        validation=data.test,
        verbose=0,
    )
    said = f"training {history['accuracy']}, validation {history['val_accuracy']}"
    assert history["accuracy"][-1] > 0.9, said
    assert history["accuracy"][-1] > history["val_accuracy"][-1] + 0.1, said
    # Better than chance, so it overfits images, not noise.
    assert max(history["val_accuracy"]) > 0.55, said
    losses = history["val_loss"]
    best = int(np.argmin(losses))
    assert best < EPOCHS - 1, losses
    assert losses[-1] > losses[best] + 0.1, losses
    assert history["loss"][-1] < history["loss"][best], history["loss"]
