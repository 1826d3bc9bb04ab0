# task: train_cnn
# status: passed


def train_cnn(images, labels, key):
    params_key, fit_key = jax.random.split(key)
    steps = 3 * -(-len(images) // 32)
    optimizer = optax.chain(
        optax.scale_by_adam(),
        optax.scale_by_schedule(lambda step: -0.001 * (1 + jnp.cos(jnp.pi * step / steps))),
    )
    state = lib.create_state(fashion_cnn(), optimizer, images, params_key)
    state, _ = lib.fit(state, images, labels, epochs=3, key=fit_key, verbose=0)
    return {"params": state.params}
