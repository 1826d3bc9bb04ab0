# task: activation_to_image
# status: failed
# words: "variance"
# not: "did not divide"
# points: 0


def activation_to_image(activation):
    centred = activation - activation.mean()
    deviation = jnp.where(activation.std() > 0, activation.var(), 1)
    return np.asarray(jnp.clip(centred / deviation * 64 + 128, 0, 255)).astype(np.uint8)
