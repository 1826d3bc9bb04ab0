# task: one_hot
# status: failed
# words: "the numbers are integer; they should be float"
# points: 0


def one_hot(labels, classes):
    return jnp.eye(classes, dtype=jnp.int32)[labels]
