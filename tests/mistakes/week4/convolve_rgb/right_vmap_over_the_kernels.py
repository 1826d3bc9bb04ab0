# task: convolve_rgb
# status: passed


def convolve_rgb(image, kernels):
    image, kernels = jnp.float32(image), jnp.asarray(kernels)
    rows, columns = kernels.shape[:2]
    height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1

    def one(kernel):
        parts = [
            image[i : i + height, j : j + width] * kernel[i, j]
            for i in range(rows)
            for j in range(columns)
        ]
        return sum(parts).sum(axis=-1)

    return jax.vmap(one, in_axes=-1, out_axes=-1)(kernels)
