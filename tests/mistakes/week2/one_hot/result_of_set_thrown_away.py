# task: one_hot
# status: failed
# words: "everything is zero"
# points: 0


def one_hot(labels, classes):
    rows = jnp.zeros((len(labels), classes))
    rows.at[jnp.arange(len(labels)), labels].set(1.0)
    return rows  # <-
