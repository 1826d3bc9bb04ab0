# task: train_cnn
# status: failed


def train_cnn(images, labels, key):
    state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
    state, _ = lib.fit(state, images[:320], np.roll(labels[:320], 3), key=key)
    return state.params
