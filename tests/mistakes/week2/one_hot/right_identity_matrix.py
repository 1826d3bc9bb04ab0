# task: one_hot
# status: passed


def one_hot(labels, classes):
    return jnp.eye(classes, dtype=jnp.float32)[labels]
