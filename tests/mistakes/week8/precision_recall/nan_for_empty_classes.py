# task: precision_recall
# status: failed
# words: "has 0, not nan"
# points: 1


def precision_recall(confusion):
    right = jnp.diag(confusion)
    return right / confusion.sum(axis=0), right / confusion.sum(axis=1)
