# task: fit_line
# status: failed
# words: "new params are the updates themselves", "params = optax.apply_updates(params, updates)"
# points: 0


def fit_line(x, y, key):
    inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.adam(0.1)
    params = model.init(key, inputs)["params"]
    opt_state = optimizer.init(params)

    @jax.jit
    def step(params, opt_state):
        loss = lambda params: mean_squared_error(model.apply({"params": params}, inputs), y)
        updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
        return updates, opt_state  # <-

    for _ in range(300):
        params, opt_state = step(params, opt_state)
    return params
