# task: sample
# status: passed


def sample(image, matrix, fill_mode):
    mode = {"nearest": "edge", "constant": "constant", "reflect": "symmetric"}
    height, width, _ = image.shape
    a, b = 4 * height, 4 * width
    wide = np.pad(np.asarray(image), ((a, a), (b, b), (0, 0)), mode.get(fill_mode, "wrap"))
    new = np.zeros(image.shape, np.float32)
    for i in range(height):
        for j in range(width):
            y, x, _ = np.asarray(matrix, np.float64) @ (i, j, 1)
            t, l = math.floor(y), math.floor(x)
            v, u = y - t, x - l
            four = wide[t + a : t + a + 2, l + b : l + b + 2]
            weights = np.outer((1 - v, v), (1 - u, u))
            new[i, j] = (four * weights[..., None]).sum((0, 1))
    return new
