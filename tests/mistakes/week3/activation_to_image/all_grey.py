# task: activation_to_image
# status: failed
# points: 0.5


def activation_to_image(activation):
    return np.full(activation.shape, 128, np.uint8)
