# task: freeze
# status: failed
# words: "is not 0", "labels are swapped"


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    both = {"frozen": optimizer, "trainable": optax.set_to_zero()}
    return optax.partition(both, labels)
