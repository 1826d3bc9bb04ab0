# task: freeze
# status: failed
# words: "which is frozen, is not 0", "set to 0 before the optimizer"
# not: "swapped", "nothing is frozen"
# points: 0


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    mask = jax.tree.map(lambda label: label == "frozen", labels)
    return optax.chain(optax.masked(optax.set_to_zero(), mask), optimizer)
