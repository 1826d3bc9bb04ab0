# task: fit_line
# status: passed


def fit_line(x, y, key):
    model, optimizer = nn.Dense(1), optax.sgd(0.02)
    params_key, _ = jax.random.split(key)
    params = model.init(params_key, x[:, None])["params"]
    opt_state = optimizer.init(params)

    @jax.jit
    def step(params, opt_state):
        def loss(params):
            return jnp.mean((model.apply({"params": params}, x[:, None]).squeeze(-1) - y) ** 2)

        updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
        return optax.apply_updates(params, updates), opt_state

    for _ in range(1000):
        params, opt_state = step(params, opt_state)
    return params
