# task: freeze
# status: failed
# words: "which is frozen, is not 0", "optax.masked passes the gradients"


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    mask = jax.tree.map(lambda label: label == "trainable", labels)
    return optax.masked(optimizer, mask)
