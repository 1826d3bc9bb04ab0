# task: one_hot
# status: failed
# words: "first axis", "each label must be a row"
# points: 0


def one_hot(labels, classes):
    return (labels[None, :] == jnp.arange(classes)[:, None]).astype(jnp.float32)  # <-
