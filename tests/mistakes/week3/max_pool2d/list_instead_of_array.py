# task: max_pool2d
# status: failed
# words: "a list is not an array", "jnp.array"
# points: 0


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    return [  # <-
        [
            float(image[i * size : (i + 1) * size, j * size : (j + 1) * size].max())
            for j in range(width)
        ]
        for i in range(height)
    ]
