# task: rotation_about_centre
# status: passed


def rotation_about_centre(degrees, height, width):
    turn = np.exp(1j * np.radians(degrees))
    linear = np.array([[turn.real, turn.imag], [-turn.imag, turn.real]])
    middle = np.array([height - 1, width - 1]) / 2
    matrix = np.eye(3, dtype=np.float32)
    matrix[:2, :2], matrix[:2, 2] = linear, middle - linear @ middle
    return matrix
