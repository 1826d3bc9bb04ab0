# task: freeze
# status: failed
# words: "all updates are 0"
# not: "swapped"
# points: 0


def freeze(optimizer, params, frozen):
    labels = trainable_labels(params, frozen)
    return optax.partition(
        {"trainable": optax.set_to_zero(), "frozen": optax.set_to_zero()}, labels
    )
