# task: replace_head
# status: failed
# words: "axes are swapped"


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.normal(key, (classes, inputs)) / math.sqrt(inputs)
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
