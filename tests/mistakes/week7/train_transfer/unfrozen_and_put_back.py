# task: train_transfer
# status: failed
# words: "on the given backbone", "call unchanged before"
# not: "hardly better than guessing", "has changed"
# points: 0


def train_transfer(backbone, images, labels, key):
    init_key, fit_key = jax.random.split(key)
    optimizer = optax.rmsprop(optax.linear_schedule(0.001, 0.0, 30))
    model = transfer_net()
    params = model.init(init_key, images[:1] / np.float32(255))["params"]
    state = lib.create_state(
        model,
        optimizer,
        images,
        init_key,
        loss=lib.sigmoid_cross_entropy,
        variables={"params": {**params, "backbone": backbone}},
    )
    state, _ = lib.fit(state, images, labels, epochs=6, batch_size=20, key=fit_key, verbose=0)
    return {**state.params, "backbone": backbone}
