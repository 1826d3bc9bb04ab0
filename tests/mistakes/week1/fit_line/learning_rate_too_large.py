# task: fit_line
# status: failed
# words: "not finite", "smaller learning rate"
# points: 0


def fit_line(x, y, key):
    inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.sgd(5.0)
    params = model.init(key, inputs)["params"]
    opt_state = optimizer.init(params)

    def loss(params):
        return mean_squared_error(model.apply({"params": params}, inputs), y)

    @jax.jit
    def step(params, opt_state):
        updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
        return optax.apply_updates(params, updates), opt_state

    for _ in range(300):
        params, opt_state = step(params, opt_state)
    return params  # <-
