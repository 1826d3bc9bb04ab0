# task: sample
# status: passed


def sample(image, matrix, fill_mode):
    height, width, _ = image.shape

    def at(i, j):
        if fill_mode == "constant":
            there = (0 <= i) & (i < height) & (0 <= j) & (j < width)
            return jnp.where(there, image[i % height, j % width], 0)
        for_each = {
            "nearest": lambda k, n: jnp.minimum(jnp.maximum(k, 0), n - 1),
            "wrap": lambda k, n: k % n,
            "reflect": lambda k, n: n - 1 - jnp.abs(n - 1 - k % (2 * n)) + ((k % (2 * n)) >= n),
        }[fill_mode]
        return image[for_each(i, height), for_each(j, width)]

    def one(i, j):
        y, x, _ = matrix @ jnp.array([i, j, 1.0])
        t, l = jnp.floor(y).astype(int), jnp.floor(x).astype(int)
        return sum(
            jnp.abs(1 - p - (y - t)) * jnp.abs(1 - q - (x - l)) * at(t + p, l + q)
            for p in (0, 1)
            for q in (0, 1)
        )

    across = jax.vmap(one, (None, 0))
    return jax.jit(jax.vmap(across, (0, None)))(jnp.arange(height), jnp.arange(width))
