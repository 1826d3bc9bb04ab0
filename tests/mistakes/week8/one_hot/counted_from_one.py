# task: one_hot
# status: failed
# words: "class 0 is column 0"
# points: 0


def one_hot(labels, classes):
    return jnp.roll(jnp.eye(classes), 1, axis=1)[labels]
