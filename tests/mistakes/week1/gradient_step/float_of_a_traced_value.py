# task: gradient_step
# status: error
# words: "ConcretizationTypeError", "float()"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    def loss(weight, bias):
        return float(mean_squared_error(weight * x + bias, y))  # <-

    slopes = jax.grad(loss, argnums=(0, 1))(weight, bias)
    return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]
