# task: replace_head
# status: failed
# words: "with the same layers"


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.normal(key, (inputs, classes)) / math.sqrt(inputs)
    return {head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
