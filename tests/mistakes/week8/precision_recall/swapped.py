# task: precision_recall
# status: failed
# words: "swapped"
# points: 0


def precision_recall(confusion):
    right = jnp.diag(confusion)
    return right / confusion.sum(axis=1), right / confusion.sum(axis=0)
