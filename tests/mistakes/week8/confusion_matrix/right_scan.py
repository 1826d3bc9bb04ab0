# task: confusion_matrix
# status: passed


def confusion_matrix(labels, predicted, classes):
    def count(counts, pair):
        return counts.at[pair[0], pair[1]].add(1), None

    return jax.lax.scan(count, jnp.zeros((classes, classes), int), (labels, predicted))[0]
