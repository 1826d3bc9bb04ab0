# task: unchanged
# status: error
# words: "KeyError"
# points: 1


def unchanged(before, after, frozen):
    old, new = flatten(before), flatten(after)
    rests = [p for p in old if any((p + "/").startswith(each + "/") for each in frozen)]
    bits = [(a.shape, a.dtype, a.tobytes()) for p in rests for a in (old[p], new[p])]
    return bits[::2] == bits[1::2]


def flatten(tree, path=""):
    if not isinstance(tree, dict):
        return {path[1:]: np.asarray(tree)}
    return {
        place: leaf
        for name, inner in tree.items()
        for place, leaf in flatten(inner, path + "/" + name).items()
    }
