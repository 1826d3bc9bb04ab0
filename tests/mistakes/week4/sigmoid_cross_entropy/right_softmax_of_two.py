# task: sigmoid_cross_entropy
# status: passed


def sigmoid_cross_entropy(logits, labels):
    pair = jnp.stack([jnp.zeros(len(labels)), logits.reshape(-1)], axis=1)
    each = jax.nn.log_softmax(pair)
    return -jnp.take_along_axis(each, labels[:, None], axis=1).mean()
