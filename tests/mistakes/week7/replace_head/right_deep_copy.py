# task: replace_head
# status: passed


def replace_head(params, head, classes, key):
    import copy

    new = copy.deepcopy(params)
    draw = nn.initializers.variance_scaling(1.0, "fan_in", "normal")
    new[head]["kernel"] = draw(key, (new[head]["kernel"].shape[0], classes), jnp.float32)
    new[head]["bias"] = jnp.zeros_like(new[head]["kernel"], shape=(classes,))
    return new
