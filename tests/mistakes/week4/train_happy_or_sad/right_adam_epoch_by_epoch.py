# task: train_happy_or_sad
# status: passed


def train_happy_or_sad(images, labels, key):
    model, accuracies = lib.happy_or_sad(), []
    state = lib.create_state(model, optax.adam(0.001), images, key, loss=lib.sigmoid_cross_entropy)
    for epoch in range(40):
        turn = jax.random.fold_in(key, epoch)
        state, history = lib.fit(state, images, labels, epochs=1, batch_size=8, key=turn, verbose=0)
        accuracies.append(history["accuracy"][0])
        if accuracies[-1] > 0.999:
            break
    return {"params": state.params}, np.array(accuracies)
