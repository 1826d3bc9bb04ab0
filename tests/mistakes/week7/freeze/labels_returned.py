# task: freeze
# status: failed
# words: "must return an Optax optimizer"


def freeze(optimizer, params, frozen):
    return trainable_labels(params, frozen)
