# task: one_hot
# status: passed


def one_hot(labels, classes):
    return (labels[:, None] == jnp.arange(classes)) * 1.0
