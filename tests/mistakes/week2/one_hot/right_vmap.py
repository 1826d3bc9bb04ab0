# task: one_hot
# status: passed


def one_hot(labels, classes):
    return jax.vmap(lambda label: jnp.where(jnp.arange(classes) == label, 1.0, 0.0))(labels)
