# task: activation_to_image
# status: failed
# words: "divided by 1 where the standard deviation is less"
# not: "did not divide by the standard deviation"
# points: 0


def activation_to_image(activation):
    scaled = (activation - activation.mean()) / jnp.maximum(activation.std(), 1) * 64 + 128
    return np.asarray(jnp.clip(scaled, 0, 255)).astype(np.uint8)
