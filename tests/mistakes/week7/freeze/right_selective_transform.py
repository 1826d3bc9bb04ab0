# task: freeze
# status: passed


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    mask = jax.tree.map(lambda label: label == "frozen", labels)
    return optax.selective_transform(optimizer, freeze_mask=mask)
