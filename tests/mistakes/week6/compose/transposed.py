# task: compose
# status: failed
# words: "it is transposed"
# not: "wrong way round"
# points: 0


def compose(*matrices):
    result = jnp.eye(3)
    for matrix in matrices:
        result = result @ matrix
    return result.T
