# task: cross_entropy
# status: passed


def cross_entropy(logits, labels):
    shifted = logits - jnp.max(logits, 1)[:, None]
    log_sum = jnp.log(jnp.einsum("nc->n", jnp.exp(shifted)))
    picked = jnp.einsum("nc,nc->n", one_hot(labels, logits.shape[1]), shifted)
    return (log_sum - picked).mean()
