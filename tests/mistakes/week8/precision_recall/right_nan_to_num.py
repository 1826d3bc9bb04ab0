# task: precision_recall
# status: passed


def precision_recall(confusion):
    right = jnp.diag(confusion)
    return jnp.stack([jnp.nan_to_num(right / confusion.sum(axis=axis)) for axis in (0, 1)])
