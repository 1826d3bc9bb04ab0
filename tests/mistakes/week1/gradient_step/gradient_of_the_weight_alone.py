# task: gradient_step
# status: error
# words: "only with respect to the first argument", "argnums=(0, 1)"
# not: "square brackets"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    def loss(weight, bias):
        return mean_squared_error(weight * x + bias, y)

    g = jax.grad(loss)(weight, bias)
    return weight - learning_rate * g[0], bias - learning_rate * g[1]  # <-
