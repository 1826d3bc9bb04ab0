# task: train_happy_or_sad
# status: failed
# words: "never seen"
# not: "continued"


def train_happy_or_sad(images, labels, key):
    model = lib.happy_or_sad()
    state = lib.create_state(
        model, optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
    )
    state, history = lib.fit(state, images, labels, epochs=1, batch_size=10, key=key)
    return state.params, history["accuracy"]
