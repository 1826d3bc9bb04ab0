# task: compose
# status: failed
# words: "zeros stay zeros", "multiply matrices with @"
# points: 0


def compose(*matrices):
    result = jnp.eye(3)
    for matrix in matrices:
        result = result * matrix
    return result
