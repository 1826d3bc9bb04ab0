# task: compose
# status: failed
# words: "the wrong way round"


def compose(*matrices):
    result = jnp.eye(3)
    for matrix in matrices:
        result = matrix @ result
    return result
