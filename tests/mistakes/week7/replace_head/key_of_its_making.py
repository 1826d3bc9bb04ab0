# task: replace_head
# status: failed
# words: "another key gave the same kernel"
# not: "old one"
# points: 1


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.normal(jax.random.key(0), (inputs, classes)) / math.sqrt(inputs)
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
