# task: mean_squared_error
# status: error
# words: "TracerArrayConversionError", "jnp"
# points: 0.5


def mean_squared_error(predictions, targets):
    error = np.reshape(np.asarray(predictions), -1) - np.reshape(np.asarray(targets), -1)  # <-
    return np.mean(error**2)
