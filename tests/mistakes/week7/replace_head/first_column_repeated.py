# task: replace_head
# status: failed
# words: "numbers of the old one"


def replace_head(params, head, classes, key):
    kernel = params[head]["kernel"][:, :1].repeat(classes, axis=1)
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
