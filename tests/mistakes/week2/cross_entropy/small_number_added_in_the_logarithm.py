# task: cross_entropy
# status: failed
# words: "large logits", "1e-07 or more", "no loss is above 16.1"
# points: 2


def cross_entropy(logits, labels):
    probabilities = jax.nn.softmax(logits)[jnp.arange(len(labels)), labels]
    return -jnp.mean(jnp.log(probabilities + 1e-7))  # <-
