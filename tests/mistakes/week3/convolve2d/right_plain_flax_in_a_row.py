# task: convolve2d
# status: passed


def convolve2d(image, kernel):
    rows, columns = kernel.shape
    image = jnp.float32(image)

    def at(i, j):
        return jnp.sum(jax.lax.dynamic_slice(image, (i, j), (rows, columns)) * kernel)

    down, across = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    each = jax.vmap(jax.vmap(at, in_axes=(None, 0)), in_axes=(0, None))
    return each(jnp.arange(down), jnp.arange(across))
