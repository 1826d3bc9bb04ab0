# task: precision_recall
# status: failed
# words: "has 0, not 1"
# points: 1


def precision_recall(confusion):
    right = jnp.diag(confusion)
    answers, examples = confusion.sum(axis=0), confusion.sum(axis=1)
    return jnp.where(answers, right / answers, 1.0), jnp.where(examples, right / examples, 1.0)
