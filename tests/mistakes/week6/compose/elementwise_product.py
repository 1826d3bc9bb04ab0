# task: compose
# status: failed
# words: "multiply matrices with @"


def compose(*matrices):
    result = jnp.ones((3, 3))
    for matrix in matrices:
        result = result * matrix
    return result
