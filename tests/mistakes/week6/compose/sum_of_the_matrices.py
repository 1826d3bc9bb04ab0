# task: compose
# status: failed
# words: "sum of the matrices"


def compose(*matrices):
    return sum(matrices)
