# task: activation_to_image
# status: passed


def activation_to_image(activation):
    values = [float(x) for x in activation.reshape(-1)]
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((x - mean) ** 2 for x in values) / (len(values) - 1)) or 1.0
    grey = [min(255, max(0, int((x - mean) / spread * 64 + 128))) for x in values]
    return np.array(grey, np.uint8).reshape(activation.shape)
