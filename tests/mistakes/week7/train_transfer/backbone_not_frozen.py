# task: train_transfer
# status: failed
# words: "has changed", "freeze(optimizer, params, ['backbone'])"


def train_transfer(backbone, images, labels, key):
    model = transfer_net()
    params = model.init(key, images[:1] / np.float32(255))["params"]
    params = {**params, "backbone": backbone}
    state = lib.create_state(
        model,
        optax.rmsprop(0.001),
        images,
        key,
        loss=lib.sigmoid_cross_entropy,
        variables={"params": params},
    )
    state, _ = lib.fit(state, images, labels, epochs=1, key=key, verbose=0)
    return state.params
