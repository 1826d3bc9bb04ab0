# task: unchanged
# status: failed
# words: "in its last bit"
# points: 1


def unchanged(before, after, frozen):
    flat, after = flatten(before), flatten(after)
    return all(
        path in after and np.allclose(flat[path], after[path], equal_nan=True)
        for path in flat
        if any((path + "/").startswith(each + "/") for each in frozen)
        and flat[path].shape == after.get(path, flat[path]).shape
    )


def flatten(tree, path=""):
    if not isinstance(tree, dict):
        return {path[1:]: np.asarray(tree)}
    return {
        place: leaf
        for name, inner in tree.items()
        for place, leaf in flatten(inner, path + "/" + name).items()
    }
