# task: sigmoid_cross_entropy
# status: passed


def sigmoid_cross_entropy(logits, labels):
    def one(logit, label):
        return jnp.logaddexp(0.0, jax.lax.select(label == 1, -logit[0], logit[0]))

    return jax.vmap(one)(logits, labels).sum() / len(labels)
