# task: precision_recall
# status: failed
# words: "accuracy over all classes"
# not: "swapped"
# points: 0


def precision_recall(confusion):
    right = jnp.diag(confusion)
    answers, examples = confusion.sum(axis=0), confusion.sum(axis=1)
    accuracy = jnp.full(len(right), right.sum() / confusion.sum())
    return accuracy, accuracy
