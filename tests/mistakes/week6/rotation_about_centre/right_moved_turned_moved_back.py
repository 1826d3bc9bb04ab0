# task: rotation_about_centre
# status: passed


def rotation_about_centre(degrees, height, width):
    def move(y, x):
        return np.array([[1, 0, y], [0, 1, x], [0, 0, 1]])

    a = math.radians(degrees)
    turn = np.array([[math.cos(a), math.sin(a), 0], [-math.sin(a), math.cos(a), 0], [0, 0, 1]])
    y, x = (height - 1) / 2, (width - 1) / 2
    return move(y, x) @ turn @ move(-y, -x)
