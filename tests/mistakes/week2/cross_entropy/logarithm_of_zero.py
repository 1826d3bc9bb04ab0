# task: cross_entropy
# status: failed
# words: "large logits", "log(0) is infinite", "a - log(sum)"
# points: 2


def cross_entropy(logits, labels):
    probabilities = jax.nn.softmax(logits)
    return -jnp.mean((one_hot(labels, logits.shape[-1]) * jnp.log(probabilities)).sum(-1))  # <-
