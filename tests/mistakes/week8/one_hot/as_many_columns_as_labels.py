# task: one_hot
# status: failed
# words: "as many columns as `classes` says"


def one_hot(labels, classes):
    return jnp.eye(int(labels.max()) + 1)[labels]
