# task: sigmoid_cross_entropy
# status: failed
# words: "large logits", "log_sigmoid"


def sigmoid_cross_entropy(logits, labels):
    p = jax.nn.sigmoid(logits.reshape(-1))
    return -jnp.mean(labels * jnp.log(p) + (1 - labels) * jnp.log(1 - p))
