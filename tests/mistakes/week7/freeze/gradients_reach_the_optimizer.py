# task: freeze
# status: failed
# words: "optax.partition", "have reached the optimizer"


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    mask = jax.tree.map(lambda label: label == "frozen", labels)
    return optax.chain(optimizer, optax.masked(optax.set_to_zero(), mask))
