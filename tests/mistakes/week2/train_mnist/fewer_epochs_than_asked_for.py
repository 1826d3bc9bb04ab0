# task: train_mnist
# status: failed
# words: "twice, with two different labels", "all ten epochs"
# points: 2


def train_mnist(images, labels, key):
    state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
    found = []
    while not found or (found[-1] <= 0.99 and len(found) < 8):
        key, fit_key = jax.random.split(key)
        state, history = lib.fit(state, images, labels, key=fit_key)
        found += history["accuracy"]
    return state.params, found  # <-
