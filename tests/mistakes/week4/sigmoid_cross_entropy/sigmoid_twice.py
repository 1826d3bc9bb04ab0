# task: sigmoid_cross_entropy
# status: failed
# words: "you took the sigmoid twice"


def sigmoid_cross_entropy(logits, labels):
    p = jax.nn.sigmoid(logits.reshape(-1))
    return -jnp.mean(jax.nn.log_sigmoid(jnp.where(labels == 1, p, -p)))
