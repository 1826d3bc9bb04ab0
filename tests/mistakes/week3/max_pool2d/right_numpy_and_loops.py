# task: max_pool2d
# status: passed


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    result = np.full((height, width), -np.inf, np.float32)
    for i in range(height * size):
        for j in range(width * size):
            result[i // size, j // size] = max(result[i // size, j // size], image[i, j])
    return result
