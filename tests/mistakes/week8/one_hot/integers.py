# task: one_hot
# status: failed
# words: "the numbers are integer, they should be float"


def one_hot(labels, classes):
    return jnp.eye(classes, dtype=jnp.int32)[labels]
