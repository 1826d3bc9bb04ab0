# task: one_hot
# status: passed


def one_hot(labels, classes):
    return jnp.zeros((len(labels), classes)).at[jnp.arange(len(labels)), labels].set(1)
