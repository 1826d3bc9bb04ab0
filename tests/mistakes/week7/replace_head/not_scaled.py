# task: replace_head
# status: failed
# words: "mean 0 and standard deviation 1/√", "scaled the numbers yet"
# points: 1


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.normal(key, (inputs, classes))
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
