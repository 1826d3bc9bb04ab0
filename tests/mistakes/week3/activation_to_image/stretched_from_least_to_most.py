# task: activation_to_image
# status: failed
# words: "you stretched it from the smallest value"
# not: "did not subtract"
# points: 0


def activation_to_image(activation):
    low, high = activation.min(), activation.max()
    return np.asarray((activation - low) / jnp.maximum(high - low, 1e-9) * 255, np.uint8)
