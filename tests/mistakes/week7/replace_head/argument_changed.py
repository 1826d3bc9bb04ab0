# task: replace_head
# status: failed
# words: "has changed its argument", "params['last']"
# points: 1.5


def replace_head(params, head, classes, key):
    inputs = params[head]["kernel"].shape[0]
    kernel = jax.random.normal(key, (inputs, classes)) / math.sqrt(inputs)
    params[head] = {"kernel": kernel, "bias": jnp.zeros(classes)}
    return params
