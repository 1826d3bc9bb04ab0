# task: compose
# status: failed
# words: "multiplied with @"


def compose(*matrices):
    result = jnp.ones((3, 3))
    for matrix in matrices:
        result = result * matrix
    return result
