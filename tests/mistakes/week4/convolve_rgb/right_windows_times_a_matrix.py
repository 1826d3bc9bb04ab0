# task: convolve_rgb
# status: passed


def convolve_rgb(image, kernels):
    rows, columns, channels, filters = kernels.shape
    down, across = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    windows = np.stack(
        [
            np.float32(image[i : i + rows, j : j + columns]).reshape(-1)
            for i in range(down)
            for j in range(across)
        ]
    )
    return (windows @ kernels.reshape(-1, filters)).reshape(down, across, filters)
