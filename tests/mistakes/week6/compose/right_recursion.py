# task: compose
# status: passed


def compose(*matrices):
    first, *others = matrices
    return first @ compose(*others) if others else first
