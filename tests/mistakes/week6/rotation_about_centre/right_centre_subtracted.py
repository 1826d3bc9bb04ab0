# task: rotation_about_centre
# status: passed


def rotation_about_centre(degrees, height, width):
    a = np.deg2rad(degrees)
    turn = np.eye(3)
    turn[:2, :2] = [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    turn[:2, 2] = middle - turn[:2, :2] @ middle
    return turn
