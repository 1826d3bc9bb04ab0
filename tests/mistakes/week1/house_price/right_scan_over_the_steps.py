# task: house_price
# status: passed


def house_price(bedrooms, prices, new_bedrooms):
    def loss(line):
        return mean_squared_error(line[0] * bedrooms + line[1], prices)

    def step(line, _):
        return line - 0.05 * jax.grad(loss)(line), None

    line, _ = jax.lax.scan(step, jnp.zeros(2), length=1500)
    return line @ jnp.array([new_bedrooms, 1.0])
