# task: house_price
# status: passed


def house_price(bedrooms, prices, new_bedrooms):
    weight = bias = jnp.float32(0)
    for _ in range(1500):
        weight, bias = jax.jit(gradient)(weight, bias, bedrooms, prices)
    return jnp.dot(weight, new_bedrooms) + bias


def gradient(weight, bias, x, y):
    error = weight * x + bias - y
    return weight - 0.05 * jnp.mean(error * x), bias - 0.05 * error.mean()
