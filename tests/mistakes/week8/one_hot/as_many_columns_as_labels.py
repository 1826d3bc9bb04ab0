# task: one_hot
# status: failed
# words: "there must be `classes` columns"
# points: 0


def one_hot(labels, classes):
    return jnp.eye(int(labels.max()) + 1)[labels]
