# task: replace_head
# status: failed
# words: "has changed its argument", "the inner one too"
# points: 1.5


def replace_head(params, head, classes, key):
    new = dict(params)
    inputs = len(new[head]["kernel"])
    new[head]["kernel"] = jax.random.normal(key, (inputs, classes)) / math.sqrt(inputs)
    new[head]["bias"] = jnp.zeros(classes)
    return new
