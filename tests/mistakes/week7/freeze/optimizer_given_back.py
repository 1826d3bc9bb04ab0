# task: freeze
# status: failed
# words: "which is frozen, is not 0", "nothing is frozen"
# not: "swapped", "optax.masked"
# points: 0


def freeze(optimizer, params, frozen):
    return optimizer
