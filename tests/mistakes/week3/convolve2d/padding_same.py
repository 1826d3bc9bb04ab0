# task: convolve2d
# status: failed
# words: "SAME", "VALID leaves the border out"
# points: 0


def convolve2d(image, kernel):
    height, width = image.shape
    down, across = kernel.shape
    padded = jnp.pad(
        jnp.asarray(image, jnp.float32),
        ((down // 2, down - 1 - down // 2), (across // 2, across - 1 - across // 2)),
    )
    result = jnp.zeros((height, width), jnp.float32)
    for i in range(down):
        for j in range(across):
            result = result + padded[i : i + height, j : j + width] * kernel[i, j]
    return result  # <-
