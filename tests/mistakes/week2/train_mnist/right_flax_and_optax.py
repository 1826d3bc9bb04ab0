# task: train_mnist
# status: passed


def train_mnist(images, labels, key):
    # A tenth is held out for validation; momentum instead of Adam; batches of another size.
    tenth = len(images) // 10
    first, second = jax.random.split(key)
    optimizer = optax.sgd(0.1, momentum=0.9)
    state = lib.create_state(dense_model(), optimizer, images[:1], first)
    state, history = lib.fit(
        state,
        images[tenth:],
        labels[tenth:],
        epochs=10,
        batch_size=50,
        key=second,
        validation=(images[:tenth], labels[:tenth]),
        callbacks=[StopAtAccuracy(0.99)],
    )
    return {"params": state.params}, np.array(history["accuracy"])
