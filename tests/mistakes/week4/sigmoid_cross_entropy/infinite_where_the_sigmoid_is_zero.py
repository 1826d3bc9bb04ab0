# task: sigmoid_cross_entropy
# status: failed
# words: "σ(−1000) is 0", "log_sigmoid"
# not: "away from 0"
# points: 2


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    return -jnp.log(jax.nn.sigmoid(jnp.where(labels == 1, x, -x))).mean()
