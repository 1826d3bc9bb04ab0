# task: unchanged
# status: failed
# words: "nan"


def unchanged(before, after, frozen):
    same = jax.tree.map(lambda a, b: bool(jnp.allclose(a, b)), before, after)
    return all(jax.tree.leaves(same))
