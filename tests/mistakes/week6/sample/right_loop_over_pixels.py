# task: sample
# status: passed


def sample(image, matrix, fill_mode):
    image, matrix = np.asarray(image), np.asarray(matrix)
    height, width, channels = image.shape

    def colour(i, j):
        if fill_mode == "constant" and not (0 <= i < height and 0 <= j < width):
            return np.zeros(channels, np.float32)
        if fill_mode == "wrap":
            i, j = i % height, j % width
        elif fill_mode == "reflect":
            i, j = i % (2 * height), j % (2 * width)
            i, j = min(i, 2 * height - 1 - i), min(j, 2 * width - 1 - j)
        return image[min(max(i, 0), height - 1), min(max(j, 0), width - 1)]

    new = np.zeros_like(image)
    for row in range(height):
        for column in range(width):
            y, x, _ = matrix @ np.array([row, column, 1], np.float32)
            top, left = math.floor(y), math.floor(x)
            for i, down in ((top, top + 1 - y), (top + 1, y - top)):
                for j, across in ((left, left + 1 - x), (left + 1, x - left)):
                    new[row, column] += down * across * colour(i, j)
    return new
