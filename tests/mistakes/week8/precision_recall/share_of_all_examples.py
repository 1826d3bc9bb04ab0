# task: precision_recall
# status: failed
# words: "all examples of all classes"
# points: 0


def precision_recall(confusion):
    right = jnp.diag(confusion) / confusion.sum()
    return right, right
