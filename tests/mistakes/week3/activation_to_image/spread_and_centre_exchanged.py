# task: activation_to_image
# status: failed
# words: "64 and 128 are swapped"
# not: "did not add"
# points: 0


def activation_to_image(activation):
    centred = activation - activation.mean()
    deviation = jnp.where(activation.std() > 0, activation.std(), 1)
    return np.asarray(jnp.clip(centred / deviation * 128 + 64, 0, 255), np.uint8)
