# task: precision_recall
# status: passed


def precision_recall(confusion):
    right = jnp.diag(confusion)
    answers, examples = confusion.sum(axis=0), confusion.sum(axis=1)
    one, other = (jnp.where(n == 0, 1, n) for n in (answers, examples))
    return right / one, right / other
