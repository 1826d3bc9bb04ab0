# task: cross_entropy
# status: failed
# words: "exp(1000) is infinite", "subtract each row's largest logit"
# not: "a - log(sum)", "became 0"
# points: 2


def cross_entropy(logits, labels):
    log_sums = jnp.log(jnp.exp(logits).sum(axis=-1))
    return (log_sums - logits[jnp.arange(len(labels)), labels]).mean()  # <-
