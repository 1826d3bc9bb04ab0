# task: max_pool2d
# status: passed


def max_pool2d(image, size):
    image = jnp.asarray(image)

    def largest(i, j):
        return jax.lax.dynamic_slice(image, (i * size, j * size), (size, size)).max()

    row = jax.vmap(largest, in_axes=(None, 0))
    down, across = jnp.arange(image.shape[0] // size), jnp.arange(image.shape[1] // size)
    return jax.vmap(row, in_axes=(0, None))(down, across)
