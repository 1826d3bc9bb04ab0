# task: sigmoid_cross_entropy
# status: failed
# words: "clipped the probabilities to 1e-07", "log_sigmoid"
# not: "infinite"
# points: 2


def sigmoid_cross_entropy(logits, labels):
    p = jnp.clip(jax.nn.sigmoid(logits[:, 0]), 1e-7, 1 - 1e-7)
    return -jnp.mean(labels * jnp.log(p) + (1 - labels) * jnp.log(1 - p))
