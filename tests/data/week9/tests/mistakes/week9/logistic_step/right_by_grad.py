# task: logistic_step
# status: passed


def logistic_step(weights, bias, rows, labels, rate):
    def loss(weights, bias):
        return jnp.mean(jax.nn.softplus((1 - 2 * labels) * (rows @ weights + bias)))

    slopes = jax.grad(loss, argnums=(0, 1))(weights, bias)
    return weights - rate * slopes[0], bias - rate * slopes[1]
