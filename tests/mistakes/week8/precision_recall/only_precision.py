# task: precision_recall
# status: failed
# words: "must return two arrays"
# points: 0


def precision_recall(confusion):
    return jnp.diag(confusion) / confusion.sum(axis=0)
