# task: trainable_labels
# status: failed
# words: "label of head/backbone/", "anywhere in the path"


def trainable_labels(params, frozen):
    def label(keys, _):
        names = [key.key for key in keys]
        inside = any(each in names or each == "/".join(names) for each in frozen)
        return "frozen" if inside else "trainable"

    return jax.tree_util.tree_map_with_path(label, params)
