# task: train_letters
# status: passed


def train_letters(images, labels, key):
    state = lib.create_state(lib.sign_letters(), optax.adam(0.001), images, key)
    return lib.fit(state, images, labels, epochs=6, batch_size=64, key=key)[0].params
