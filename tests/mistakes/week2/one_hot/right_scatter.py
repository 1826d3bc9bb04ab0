# task: one_hot
# status: passed


def one_hot(labels, classes):
    n = labels.shape[0]
    return jnp.zeros((n, classes)).at[jnp.arange(n), labels].set(1)
