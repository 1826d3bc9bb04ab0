# task: convolve2d
# status: passed


def convolve2d(image, kernel):
    image, (rows, columns) = jnp.asarray(image).astype("float32"), kernel.shape
    down, across = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    windows = [
        image[i : i + rows, j : j + columns].ravel() for i in range(down) for j in range(across)
    ]
    return (jnp.stack(windows) @ kernel.ravel()).reshape(down, across)
