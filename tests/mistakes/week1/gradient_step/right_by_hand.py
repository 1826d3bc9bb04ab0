# task: gradient_step
# status: passed


def gradient_step(weight, bias, x, y, learning_rate):
    error = weight * x + bias - y
    slopes = 2 * jnp.dot(error, x) / len(x), 2 * jnp.sum(error) / len(x)
    return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]
