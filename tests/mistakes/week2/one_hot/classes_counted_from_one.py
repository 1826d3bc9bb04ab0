# task: one_hot
# status: failed


def one_hot(labels, classes):
    return (labels[:, None] == jnp.arange(1, classes + 1)).astype(jnp.float32)
