# task: freeze
# status: failed
# words: "you write this one", "lib.freeze"


def freeze(optimizer, params, frozen):
    return lib.freeze(optimizer, params, frozen)
