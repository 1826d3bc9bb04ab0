# task: convolve_rgb
# status: passed


def convolve_rgb(image, kernels):
    rows, columns, channels, filters = kernels.shape
    height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    pictures = []
    for f in range(filters):
        total = np.zeros((height, width))
        for c in range(channels):
            for i in range(rows):
                for j in range(columns):
                    part = image[i : i + height, j : j + width, c].astype(float)
                    total += part * kernels[i, j, c, f]
        pictures.append(total)
    return jnp.stack(pictures, axis=-1)
