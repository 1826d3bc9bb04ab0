# task: gradient_step
# status: passed


def gradient_step(weight, bias, x, y, learning_rate):
    line = jnp.array([weight, bias])
    slopes = jax.grad(lambda line: mean_squared_error(line[0] * x + line[1], y))(line)
    return line - learning_rate * slopes
