# task: precision_recall
# status: passed


def precision_recall(confusion):
    right = jnp.diag(confusion)
    answers, examples = confusion.sum(axis=0), confusion.sum(axis=1)
    sums = np.stack([answers, examples])
    return np.divide(right, sums, out=np.zeros(sums.shape, np.float32), where=sums > 0)
