# task: activation_to_image
# status: passed


def activation_to_image(activation):
    spread = activation.std() + 1e-7
    grey = 128 + 64 * (activation - activation.mean()) / spread
    return np.clip(np.array(grey), 0, 255).round().astype(np.uint8)
