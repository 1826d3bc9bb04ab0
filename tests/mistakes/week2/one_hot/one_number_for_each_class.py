# task: one_hot
# status: failed
# words: "shape (5,)", "shape (5, 7)"
# points: 0


def one_hot(labels, classes):
    return (labels == jnp.arange(classes)[:, None]).sum(axis=0).astype(jnp.float32)  # <-
