# task: convolve2d
# status: passed


def convolve2d(image, kernel):
    image, kernel = jnp.float32(image), jnp.asarray(kernel)
    shape = tuple(n - k + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    places = jnp.stack(jnp.indices(kernel.shape), axis=-1).reshape(-1, 2)

    def add(total, place):
        part = jax.lax.dynamic_slice(image, place, shape)
        return total + part * kernel[place[0], place[1]], None

    return jax.lax.scan(add, jnp.zeros(shape), places)[0]
