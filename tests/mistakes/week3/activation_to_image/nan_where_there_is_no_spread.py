# task: activation_to_image
# status: failed
# words: "0 / 0 is NaN"
# not: "did not add the 128"
# points: 1.5


def activation_to_image(activation):
    scaled = (activation - activation.mean()) / activation.std() * 64 + 128
    return np.asarray(jnp.clip(scaled, 0, 255)).astype(np.uint8)
