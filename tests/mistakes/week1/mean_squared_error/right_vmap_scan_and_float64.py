# task: mean_squared_error
# status: passed


def mean_squared_error(predictions, targets):
    square = jax.vmap(lambda one, other: (one - other) ** 2)
    return square(predictions.flatten(), targets.flatten()).mean()
