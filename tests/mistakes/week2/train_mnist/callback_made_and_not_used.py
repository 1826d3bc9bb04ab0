# task: train_mnist
# status: failed
# words: "continued after an epoch", "callbacks=["
# points: 2


def train_mnist(images, labels, key):
    callback = StopAtAccuracy(0.99)
    state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
    state, history = lib.fit(state, images, labels, epochs=10, key=key)
    return state.params, history["accuracy"]  # <-
