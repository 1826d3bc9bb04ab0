# task: mean_squared_error
# status: failed
# words: "slope is 0", "under jax.jit and jax.grad"
# points: 0.5


def mean_squared_error(predictions, targets):
    predictions = jax.lax.stop_gradient(predictions)
    return jnp.mean((predictions.reshape(-1) - targets.reshape(-1)) ** 2)  # <-
