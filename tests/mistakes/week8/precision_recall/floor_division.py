# task: precision_recall
# status: failed
# words: "/ keeps fractions"
# points: 0


def precision_recall(confusion):
    right = jnp.diag(confusion)
    answers, examples = confusion.sum(axis=0), confusion.sum(axis=1)
    return right // jnp.maximum(answers, 1), right // jnp.maximum(examples, 1)
