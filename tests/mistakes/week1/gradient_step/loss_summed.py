# task: gradient_step
# status: failed
# words: "you summed the loss instead of averaging it"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    loss = lambda weight, bias: jnp.sum((weight * x + bias - y) ** 2)
    slopes = jax.grad(loss, argnums=(0, 1))(weight, bias)
    return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]  # <-
