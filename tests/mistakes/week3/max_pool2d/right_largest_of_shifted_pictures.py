# task: max_pool2d
# status: passed


def max_pool2d(image, size):
    height, width = (n // size * size for n in image.shape)
    shifted = [
        jnp.asarray(image)[i:height:size, j:width:size] for i in range(size) for j in range(size)
    ]
    return jnp.stack(shifted).max(axis=0)
