# task: train_cnn
# status: failed
# words: "TrainState", "state.params"


def train_cnn(images, labels, key):
    state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
    return state  # <-
