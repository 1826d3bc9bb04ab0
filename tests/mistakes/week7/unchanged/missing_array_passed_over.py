# task: unchanged
# status: failed
# words: "skip an array that is missing in `after`"
# not: "beginnings"
# points: 1


def unchanged(before, after, frozen):
    old, new = flatten(before), flatten(after)
    for path, array in old.items():
        if path in new and any((path + "/").startswith(each + "/") for each in frozen):
            other = new[path]
            if (array.shape, array.dtype) != (other.shape, other.dtype):
                return False
            if array.tobytes() != other.tobytes():
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
