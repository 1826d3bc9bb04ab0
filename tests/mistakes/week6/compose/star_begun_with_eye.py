# task: compose
# status: failed
# words: "zeros stay zeros", "multiplied with @"
# points: 0


def compose(*matrices):
    result = jnp.eye(3)
    for matrix in matrices:
        result = result * matrix
    return result
