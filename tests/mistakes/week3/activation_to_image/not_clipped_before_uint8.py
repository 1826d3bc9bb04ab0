# task: activation_to_image
# status: failed
# words: "wrapped around", "clip before uint8"
# points: 0.5


def activation_to_image(activation):
    centred = activation - activation.mean()
    deviation = activation.std()
    scaled = centred / jnp.where(deviation > 0, deviation, 1) * 64 + 128
    return np.asarray(scaled).astype(np.int32).astype(np.uint8)  # <-
