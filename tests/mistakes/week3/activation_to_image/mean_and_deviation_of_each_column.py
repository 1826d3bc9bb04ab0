# task: activation_to_image
# status: failed
# words: "those of each column"
# not: "each row"
# points: 0


def activation_to_image(activation):
    centred = activation - activation.mean(axis=0)
    deviation = activation.std(axis=0)
    scaled = centred / jnp.where(deviation > 0, deviation, 1) * 64 + 128
    return np.asarray(jnp.clip(scaled, 0, 255)).astype(np.uint8)
