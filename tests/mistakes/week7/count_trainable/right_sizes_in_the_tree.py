# task: count_trainable
# status: passed


def count_trainable(params, frozen):
    sizes = jax.tree.map(
        lambda label, array: jnp.size(array) if label == "trainable" else 0,
        trainable_labels(params, frozen),
        params,
    )
    return jax.tree.reduce(lambda a, b: a + b, sizes, 0)
