# task: sigmoid_cross_entropy
# status: passed


def sigmoid_cross_entropy(logits, labels):
    signs = 1 - 2 * labels[:, None]
    return jax.nn.softplus(signs * logits).mean()
