# task: unchanged
# status: passed


def unchanged(before, after, frozen):
    for path, old in jax.tree_util.tree_leaves_with_path(before):
        names = [key.key for key in path]
        if not any(names[: each.count("/") + 1] == each.split("/") for each in frozen):
            continue
        new = after
        for name in names:
            if name not in new:
                return False
            new = new[name]
        if new.shape != old.shape or new.dtype != old.dtype:
            return False
        if np.any(np.asarray(old).view(np.uint32) != np.asarray(new).view(np.uint32)):
            return False
    return True
