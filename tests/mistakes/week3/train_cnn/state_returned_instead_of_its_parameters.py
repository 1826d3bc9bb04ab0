# task: train_cnn
# status: failed
# words: "TrainState", "state.params"
# points: 0


def train_cnn(images, labels, key):
    state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
    return state  # <-
