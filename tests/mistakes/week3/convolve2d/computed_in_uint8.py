# task: convolve2d
# status: failed
# words: "uint8", "float32"
# points: 2


def convolve2d(image, kernel):
    height = image.shape[0] - kernel.shape[0] + 1
    width = image.shape[1] - kernel.shape[1] + 1
    result = np.zeros((height, width), image.dtype)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            part = image[i : i + height, j : j + width] * kernel[i, j]
            result = result + part.astype(image.dtype)
    return result  # <-
