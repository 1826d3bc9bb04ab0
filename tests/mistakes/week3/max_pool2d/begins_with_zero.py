# task: max_pool2d
# status: failed
# words: "negative pixels were lost"
# not: "first pixel"
# points: 0


def max_pool2d(image, size):
    height, width = image.shape[0] // size, image.shape[1] // size
    result = np.zeros((height, width), np.float32)
    for i in range(height * size):
        for j in range(width * size):
            place = i // size, j // size
            result[place] = max(result[place], image[i, j])
    return result
