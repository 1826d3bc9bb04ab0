# task: compose
# status: failed
# words: "used only the first matrix"
# points: 0


def compose(*matrices):
    return matrices[0]
