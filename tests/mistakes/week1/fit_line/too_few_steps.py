# task: fit_line
# status: failed
# words: "print the loss", "still falls"
# not: "apply_updates", "flat", "initial parameters"
# points: 0


def fit_line(x, y, key):
    inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.adam(0.001)
    params = model.init(key, inputs)["params"]
    opt_state = optimizer.init(params)

    @jax.jit
    def step(params, opt_state):
        loss = lambda params: mean_squared_error(model.apply({"params": params}, inputs), y)
        updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
        return optax.apply_updates(params, updates), opt_state

    for _ in range(100):
        params, opt_state = step(params, opt_state)
    return params  # <-
