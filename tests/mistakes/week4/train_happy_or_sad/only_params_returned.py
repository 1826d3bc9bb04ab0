# task: train_happy_or_sad
# status: failed
# words: "must return the params and the accuracies"


def train_happy_or_sad(images, labels, key):
    model = lib.happy_or_sad()
    state = lib.create_state(
        model, optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
    )
    stop = lib.StopWhen("loss", below=0.4)
    state, history = lib.fit(
        state, images, labels, epochs=40, batch_size=10, key=key, callbacks=[stop]
    )
    return state.params
