# task: unchanged
# status: failed
# words: "compare numbers with ==", "nan == nan"
# not: "tolerance"
# points: 1


def unchanged(before, after, frozen):
    old, new = flatten(before), flatten(after)
    for path, array in old.items():
        if any((path + "/").startswith(each + "/") for each in frozen):
            if path not in new or new[path].shape != array.shape or new[path].dtype != array.dtype:
                return False
            if not (new[path] == array).all():
                return False
    return True


def flatten(tree, path=""):
    if not isinstance(tree, dict):
        return {path[1:]: np.asarray(tree)}
    return {
        place: leaf
        for name, inner in tree.items()
        for place, leaf in flatten(inner, path + "/" + name).items()
    }
