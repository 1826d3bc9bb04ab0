# task: unchanged
# status: failed
# words: "you compare all arrays"


def unchanged(before, after, frozen):
    old = {path: np.asarray(leaf) for path, leaf in jax.tree.leaves_with_path(before)}
    new = {path: np.asarray(leaf) for path, leaf in jax.tree.leaves_with_path(after)}
    return all(old[path].tobytes() == new[path].tobytes() for path in old)
