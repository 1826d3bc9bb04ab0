# task: activation_to_image
# status: failed
# words: "did not subtract the mean"
# not: "128"
# points: 0


def activation_to_image(activation):
    centred = activation - activation.mean()
    deviation = jnp.where(activation.std() > 0, activation.std(), 1)
    return np.asarray(jnp.clip(activation / deviation * 64 + 128, 0, 255)).astype(np.uint8)
