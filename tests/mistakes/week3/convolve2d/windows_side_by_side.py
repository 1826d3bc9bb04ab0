# task: convolve2d
# status: failed
# words: "side by side", "one pixel each time"
# not: "SAME"
# points: 0


def convolve2d(image, kernel):
    rows, columns = kernel.shape
    places = [
        (i, j)
        for i in range(0, image.shape[0] - rows + 1, rows)
        for j in range(0, image.shape[1] - columns + 1, columns)
    ]
    sums = [(image[i : i + rows, j : j + columns] * kernel).sum() for i, j in places]
    return jnp.array(sums).reshape((image.shape[0]) // rows, -1)
