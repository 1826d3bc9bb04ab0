# task: trainable_labels
# status: passed


def trainable_labels(params, frozen):
    labels = {}
    stack = [((), params, labels)]
    while stack:
        place, tree, there = stack.pop()
        for name, value in tree.items():
            path = (*place, name)
            if hasattr(value, "items"):
                there[name] = {}
                stack.append((path, value, there[name]))
            else:
                above = {"/".join(path[: k + 1]) for k in range(len(path))}
                there[name] = "trainable" if above.isdisjoint(frozen) else "frozen"
    return labels
