# task: train_cnn
# status: failed
# words: "hardly moved", "a schedule counts steps"
# not: "falls to 0", "before the first step"
# points: 0


def train_cnn(images, labels, key):
    epochs = 1
    schedule = optax.linear_schedule(0.002, 0.0, epochs)
    state = lib.create_state(fashion_cnn(), optax.adam(schedule), images, key)
    state, _ = lib.fit(state, images[:640], labels[:640], epochs=epochs, key=key)
    return state.params
