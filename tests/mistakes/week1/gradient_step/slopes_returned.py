# task: gradient_step
# status: failed
# words: "gradient alone"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    loss = lambda weight, bias: mean_squared_error(weight * x + bias, y)
    return jax.grad(loss, argnums=(0, 1))(weight, bias)  # <-
