# task: mean_squared_error
# status: error
# words: "ConcretizationTypeError", "float"
# points: 0.5


def mean_squared_error(predictions, targets):
    error = predictions.reshape(-1) - targets.reshape(-1)
    return float(jnp.mean(error**2))  # <-
