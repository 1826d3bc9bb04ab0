# task: one_hot
# status: failed
# words: "each label must be a row"
# points: 0


def one_hot(labels, classes):
    return (jnp.arange(classes)[:, None] == labels).astype(jnp.float32)
