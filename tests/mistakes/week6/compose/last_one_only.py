# task: compose
# status: failed
# words: "used only the last matrix"
# points: 0


def compose(*matrices):
    for matrix in matrices:
        result = jnp.eye(3) @ matrix
    return result
