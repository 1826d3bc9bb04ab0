# task: replace_head
# status: passed


def replace_head(params, head, classes, key):
    new = {}
    for name, layer in params.items():
        if name == head:
            rows = layer["kernel"].shape[0]
            kernel = jax.random.truncated_normal(key, -2, 2, (rows, classes))
            new[name] = {
                "kernel": kernel / kernel.std() / rows**0.5,
                "bias": jnp.full((classes,), 0.0),
            }
        else:
            new[name] = layer
    return new
