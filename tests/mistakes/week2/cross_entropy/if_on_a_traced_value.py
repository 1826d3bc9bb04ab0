# task: cross_entropy
# status: error
# words: "TracerBoolConversionError", "jit", "jnp.where"
# points: 0


def cross_entropy(logits, labels):
    @jax.jit
    def mean(logits):
        if logits.max() > 100:  # <-
            logits = logits - logits.max(axis=-1, keepdims=True)
        log_probabilities = jax.nn.log_softmax(logits)
        return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(-1))

    return mean(logits)
