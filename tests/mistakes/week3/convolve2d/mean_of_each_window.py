# task: convolve2d
# status: failed
# words: "mean over the window"
# not: "the result by the sum"
# points: 0


def convolve2d(image, kernel):
    image = jnp.asarray(image, jnp.float32)
    height = image.shape[0] - kernel.shape[0] + 1
    width = image.shape[1] - kernel.shape[1] + 1
    result = jnp.zeros((height, width), jnp.float32)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            result = result + image[i : i + height, j : j + width] * kernel[i, j]
    return result / kernel.size
