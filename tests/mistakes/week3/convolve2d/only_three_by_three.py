# task: convolve2d
# status: error


def convolve2d(image, kernel):
    image = jnp.asarray(image, jnp.float32)
    height, width = image.shape[0] - 2, image.shape[1] - 2
    result = jnp.zeros((height, width), jnp.float32)
    for i in range(3):
        for j in range(3):
            result = result + image[i : i + height, j : j + width] * kernel[i, j]
    return result
