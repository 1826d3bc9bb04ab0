# task: cross_entropy
# status: passed


def cross_entropy(logits, labels):
    each = jax.vmap(lambda row, label: -jax.nn.log_softmax(row)[label])
    return each(logits, labels).mean()
