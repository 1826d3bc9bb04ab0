# task: fit_line
# status: failed
# words: "still the initial parameters", "optax.apply_updates", "keep them"
# not: "more steps", "larger learning rate"
# points: 0


def fit_line(x, y, key):
    inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.adam(0.1)
    params = model.init(key, inputs)["params"]
    opt_state = optimizer.init(params)
    loss = lambda params: mean_squared_error(model.apply({"params": params}, inputs), y)
    slope = jax.jit(jax.grad(loss))
    for _ in range(300):
        updates, opt_state = optimizer.update(slope(params), opt_state)
        optax.apply_updates(params, updates)
    return params  # <-
