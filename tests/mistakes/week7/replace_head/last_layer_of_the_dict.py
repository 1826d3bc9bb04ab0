# task: replace_head
# status: failed
# words: "still has the old kernel", "dense has changed instead"
# points: 0


def replace_head(params, head, classes, key):
    last = list(params)[-1]
    inputs = params[last]["kernel"].shape[0]
    kernel = jax.random.normal(key, (inputs, classes)) / math.sqrt(inputs)
    return {**params, last: {"kernel": kernel, "bias": jnp.zeros(classes)}}
