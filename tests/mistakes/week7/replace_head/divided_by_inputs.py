# task: replace_head
# status: failed
# words: "divided by inputs; divide by math.sqrt(inputs)"
# not: "Glorot", "scaled the numbers yet"
# points: 1


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.normal(key, (inputs, classes)) / inputs
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
