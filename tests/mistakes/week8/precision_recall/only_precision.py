# task: precision_recall
# status: failed
# words: "must return two arrays"


def precision_recall(confusion):
    return jnp.diag(confusion) / confusion.sum(axis=0)
