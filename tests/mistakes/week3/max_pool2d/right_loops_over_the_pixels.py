# task: max_pool2d
# status: passed


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    result = np.zeros((height, width), np.float32)
    for i in range(height):
        for j in range(width):
            down, across = i * size, j * size
            result[i, j] = image[down : down + size, across : across + size].max()
    return result
