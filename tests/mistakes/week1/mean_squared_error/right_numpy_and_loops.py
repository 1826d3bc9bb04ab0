# task: mean_squared_error
# status: passed


def mean_squared_error(predictions, targets):
    total, n = 0.0, len(targets)
    for one, other in zip(jnp.ravel(predictions), jnp.ravel(targets)):
        total += (one - other) ** 2
    return total / n
