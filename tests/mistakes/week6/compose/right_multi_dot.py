# task: compose
# status: passed


def compose(*matrices):
    return np.linalg.multi_dot([np.eye(3), np.eye(3), *map(np.asarray, matrices)])
