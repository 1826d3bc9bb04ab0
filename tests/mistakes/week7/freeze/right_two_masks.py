# task: freeze
# status: passed


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    learns = jax.tree.map(lambda label: label == "trainable", labels)
    rests = jax.tree.map(lambda label: label == "frozen", labels)
    return optax.chain(optax.masked(optax.set_to_zero(), rests), optax.masked(optimizer, learns))
