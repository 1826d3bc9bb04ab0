# task: unchanged
# status: failed
# words: "only bytes"
# not: "tolerance"
# points: 1


def unchanged(before, after, frozen):
    old, new = flatten(before), flatten(after)
    rests = [p for p in old if any((p + "/").startswith(each + "/") for each in frozen)]
    return all(p in new and new[p].tobytes() == old[p].tobytes() for p in rests)


def flatten(tree, path=""):
    if not isinstance(tree, dict):
        return {path[1:]: np.asarray(tree)}
    return {
        place: leaf
        for name, inner in tree.items()
        for place, leaf in flatten(inner, path + "/" + name).items()
    }
