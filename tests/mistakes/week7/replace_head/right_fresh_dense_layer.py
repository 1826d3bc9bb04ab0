# task: replace_head
# status: passed


def replace_head(params, head, classes, key):
    inputs, _ = params[head]["kernel"].shape
    return params | {head: nn.Dense(classes).init(key, jnp.zeros((1, inputs)))["params"]}
