# task: sigmoid_cross_entropy
# status: failed
# words: "squared error"
# not: "sum"
# points: 0


def sigmoid_cross_entropy(logits, labels):
    return jnp.mean((jax.nn.sigmoid(logits[:, 0]) - labels) ** 2)
