# task: count_trainable
# status: failed
# words: "you write this one", "lib.count_trainable"


def count_trainable(params, frozen):
    return lib.count_trainable(params, frozen)
