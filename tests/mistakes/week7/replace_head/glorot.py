# task: replace_head
# status: failed
# words: "mean 0 and standard deviation 1/√", "Glorot"
# not: "scaled the numbers yet"
# points: 1


def replace_head(params, head, classes, key):
    shape = (params[head]["kernel"].shape[0], classes)
    kernel = nn.initializers.glorot_normal()(key, shape)
    return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
