# task: replace_head
# status: failed
# words: "none of the numbers is negative"
# not: "Glorot", "He's"
# points: 1


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.uniform(key, (inputs, classes)) / math.sqrt(inputs)
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
