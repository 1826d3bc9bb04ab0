# task: train_mnist
# status: failed


def train_mnist(images, labels, key):
    images, labels = lib.draw("mnist", 20_000, 5)
    state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
    callbacks = [StopAtAccuracy(0.99)]
    state, history = lib.fit(state, images, labels, epochs=10, key=key, callbacks=callbacks)
    return state.params, history["accuracy"]
