# task: one_hot
# status: failed


def one_hot(labels, classes):
    return jnp.zeros((len(labels), classes)).at[0, labels].set(1.0)
