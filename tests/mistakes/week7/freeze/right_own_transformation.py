# task: freeze
# status: passed


def freeze(optimizer, params, frozen):
    labels = jax.tree.leaves(trainable_labels(params, frozen))

    def few(tree):
        leaves = jax.tree.leaves(tree)
        return [leaf for leaf, label in zip(leaves, labels) if label == "trainable"]

    def init(params):
        return optimizer.init(few(params))

    def update(gradients, memory, params=None):
        learned, memory = optimizer.update(few(gradients), memory, few(params))
        leaves, structure = jax.tree.flatten(gradients)
        rest = iter(learned)
        both = [
            next(rest) if label == "trainable" else jnp.zeros_like(leaf)
            for leaf, label in zip(leaves, labels)
        ]
        return jax.tree.unflatten(structure, both), memory

    return optax.GradientTransformation(init, update)
