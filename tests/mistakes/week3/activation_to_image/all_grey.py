# task: activation_to_image
# status: failed


def activation_to_image(activation):
    return np.full(activation.shape, 128, np.uint8)
