# task: train_classifier
# status: failed
# words: "never seen", "scale them first"
# points: 0


def train_classifier(rows, labels, key):
    return jnp.zeros(4), jnp.float32(0)  # <-
