# task: one_hot
# status: failed


def one_hot(labels, classes):
    return (labels[:, None] == jnp.arange(labels.max() + 1)).astype(jnp.float32)
