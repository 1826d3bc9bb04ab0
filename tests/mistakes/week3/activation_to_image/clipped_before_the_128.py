# task: activation_to_image
# status: failed
# words: "before adding the 128"
# not: "clip before uint8"
# points: 0


def activation_to_image(activation):
    centred = activation - activation.mean()
    deviation = jnp.where(activation.std() > 0, activation.std(), 1)
    return np.asarray(jnp.clip(centred / deviation * 64, 0, 255)).astype(np.uint8) + np.uint8(128)
