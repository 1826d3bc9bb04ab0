# task: count_trainable
# status: failed
# words: "the frozen ones too"


def count_trainable(params, frozen):
    return sum(array.size for array in jax.tree.leaves(params))
