# task: train_cnn
# status: failed


def train_cnn(images, labels, key):
    state = lib.create_state(lib.fashion_dense(), optax.adam(0.001), images, key)
    state, _ = lib.fit(state, images, labels, key=key)
    return state.params
