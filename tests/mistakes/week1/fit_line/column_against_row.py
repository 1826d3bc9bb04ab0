# task: fit_line
# status: failed
# words: "flat", "(n, n)", "same shape"
# points: 0


def fit_line(x, y, key):
    inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.adam(0.1)
    params = model.init(key, inputs)["params"]
    opt_state = optimizer.init(params)

    def loss(params):
        return jnp.mean((model.apply({"params": params}, inputs) - y) ** 2)

    @jax.jit
    def step(params, opt_state):
        updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
        return optax.apply_updates(params, updates), opt_state

    for _ in range(500):
        params, opt_state = step(params, opt_state)
    return params  # <-
