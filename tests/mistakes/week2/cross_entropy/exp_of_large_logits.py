# task: cross_entropy
# status: failed
# words: "large logits", "not finite", "subtract", "largest"
# points: 2


def cross_entropy(logits, labels):
    exponentials = jnp.exp(logits)
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return -jnp.mean(jnp.log(probabilities[jnp.arange(len(labels)), labels]))  # <-
