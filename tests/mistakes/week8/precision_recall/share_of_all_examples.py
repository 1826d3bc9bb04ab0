# task: precision_recall
# status: failed
# words: "all examples of all classes"


def precision_recall(confusion):
    right = jnp.diag(confusion) / confusion.sum()
    return right, right
