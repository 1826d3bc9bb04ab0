# task: mean_squared_error
# status: failed
# words: "should take (predictions, targets)"
# points: 0


def mean_squared_error(predictions):  # <-
    return jnp.mean(predictions**2)
