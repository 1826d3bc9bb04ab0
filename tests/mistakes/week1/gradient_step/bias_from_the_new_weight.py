# task: gradient_step
# status: failed
# words: "old values"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    loss = lambda weight, bias: mean_squared_error(weight * x + bias, y)
    weight = weight - learning_rate * jax.grad(loss, 0)(weight, bias)
    bias = bias - learning_rate * jax.grad(loss, 1)(weight, bias)
    return weight, bias  # <-
