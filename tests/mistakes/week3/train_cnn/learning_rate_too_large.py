# task: train_cnn
# status: error
# words: "TrainingDiverged", "learning rate"
# points: 0


def train_cnn(images, labels, key):
    state = lib.create_state(fashion_cnn(), optax.sgd(1e9), images, key)
    state, _ = lib.fit(state, images[:256], labels[:256], epochs=2, key=key)  # <-
    return state.params
