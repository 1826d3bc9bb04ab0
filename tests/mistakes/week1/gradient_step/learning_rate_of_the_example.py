# task: gradient_step
# status: failed
# words: "learning rate of 0.1", "use learning_rate"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    loss = lambda weight, bias: mean_squared_error(weight * x + bias, y)
    slopes = jax.grad(loss, argnums=(0, 1))(weight, bias)
    return weight - 0.1 * slopes[0], bias - 0.1 * slopes[1]  # <-
