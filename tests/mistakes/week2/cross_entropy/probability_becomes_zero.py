# task: cross_entropy
# status: failed
# words: "a probability became 0", "log(0) is infinite", "a - log(sum)"
# not: "subtract"
# points: 2


def cross_entropy(logits, labels):
    exponentials = jnp.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return -jnp.log(probabilities[jnp.arange(len(labels)), labels]).mean()  # <-
