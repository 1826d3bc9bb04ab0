# task: activation_to_image
# status: passed


def activation_to_image(activation):
    values = np.array(activation, np.float64)
    values -= values.mean()
    if values.std() > 0:
        values /= values.std()
    return np.rint(values * 64 + 128).clip(0, 255).astype("uint8")
