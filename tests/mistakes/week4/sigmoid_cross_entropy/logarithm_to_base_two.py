# task: sigmoid_cross_entropy
# status: failed
# words: "logarithm to base 2"
# not: "sum"
# points: 0


def sigmoid_cross_entropy(logits, labels):
    x = logits.reshape(-1)
    each = -jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x))
    return jnp.mean(each) / jnp.log(2)
