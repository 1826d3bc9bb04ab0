# task: one_hot
# status: failed
# words: "these are integers, but should be floats"
# points: 0


def one_hot(labels, classes):
    return jnp.eye(classes, dtype=jnp.int32)[labels]
