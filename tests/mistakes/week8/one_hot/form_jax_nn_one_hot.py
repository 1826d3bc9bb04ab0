# task: one_hot
# status: failed
# words: "you write this one: jax.nn.one_hot"
# points: 0


def one_hot(labels, classes):
    return jax.nn.one_hot(labels, classes)
