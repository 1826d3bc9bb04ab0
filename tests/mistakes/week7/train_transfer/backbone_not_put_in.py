# task: train_transfer
# status: failed
# words: "not the given one", "before lib.create_state"


def train_transfer(backbone, images, labels, key):
    model = transfer_net()
    params = model.init(key, images[:1] / np.float32(255))["params"]
    state = lib.create_state(
        model,
        freeze(optax.rmsprop(0.001), params, ["backbone"]),
        images,
        key,
        loss=lib.sigmoid_cross_entropy,
        variables={"params": params},
    )
    state, _ = lib.fit(state, images, labels, epochs=1, key=key, verbose=0)
    return state.params
