# task: train_cnn
# status: failed


def train_cnn(images, labels, key):
    state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
    state, _ = lib.fit(state, images[:640], labels[:640], key=key)
    return state.params
