# task: sigmoid_cross_entropy
# status: passed


def sigmoid_cross_entropy(logits, labels):
    x = logits[:, 0]
    return jnp.mean(jnp.maximum(x, 0) - x * labels + jnp.log1p(jnp.exp(-jnp.abs(x))))
