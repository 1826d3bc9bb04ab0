# task: unchanged
# status: failed
# words: "you compare all arrays"
# points: 0


def unchanged(before, after, frozen):
    same = jax.tree.map(lambda a, b: bool(jnp.allclose(a, b)), before, after)
    return all(jax.tree.leaves(same))
