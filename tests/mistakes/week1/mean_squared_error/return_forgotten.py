# task: mean_squared_error
# status: failed
# words: "none", "return"
# points: 0


def mean_squared_error(predictions, targets):  # <-
    error = jnp.mean(jnp.square(predictions.reshape(-1) - targets.reshape(-1)))
