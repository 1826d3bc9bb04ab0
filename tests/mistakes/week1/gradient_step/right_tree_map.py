# task: gradient_step
# status: passed


def gradient_step(weight, bias, x, y, learning_rate):
    params = {"weight": weight, "bias": bias}
    loss = lambda p: mean_squared_error(p["weight"] * x + p["bias"], y)
    new = jax.tree.map(lambda p, g: p - learning_rate * g, params, jax.grad(loss)(params))
    return new["weight"], new["bias"]
