# task: one_hot
# status: failed
# words: "as many columns as `classes` says"
# points: 0


def one_hot(labels, classes):
    return jnp.eye(int(labels.max()) + 1)[labels]
