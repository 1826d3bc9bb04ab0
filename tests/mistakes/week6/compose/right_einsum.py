# task: compose
# status: passed


def compose(*matrices):
    result, *others = matrices
    for matrix in others:
        result = jnp.einsum("ij,jk->ik", result, matrix)
    return result
