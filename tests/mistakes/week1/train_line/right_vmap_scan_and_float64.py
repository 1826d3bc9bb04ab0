# task: train_line
# status: passed


def train_line(x, y, learning_rate, epochs):
    def mse(line):
        return jnp.mean((line[0] * x + line[1] - y) ** 2)

    def step(line, _):
        loss, slope = jax.value_and_grad(mse)(line)
        return line - learning_rate * slope, loss

    (weight, bias), losses = jax.lax.scan(step, jnp.zeros(2), length=epochs)
    return weight, bias, list(losses)
