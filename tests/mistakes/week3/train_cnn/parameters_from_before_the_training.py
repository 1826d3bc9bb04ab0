# task: train_cnn
# status: failed
# words: "never seen", "guessing"
# points: 0


def train_cnn(images, labels, key):
    state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
    lib.fit(state, images[:256], labels[:256], key=key)
    return state.params  # <-
