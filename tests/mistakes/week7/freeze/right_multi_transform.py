# task: freeze
# status: passed


def freeze(optimizer, params, frozen):
    transforms = {"trainable": optimizer, "frozen": optax.set_to_zero()}
    return optax.multi_transform(transforms, lambda tree: trainable_labels(tree, frozen))
