# task: trainable_labels
# status: failed
# words: "you swapped the two words"


def trainable_labels(params, frozen):
    def label(keys, _):
        path = "/".join(key.key for key in keys) + "/"
        inside = any(path.startswith(each + "/") for each in frozen)
        return "trainable" if inside else "frozen"

    return jax.tree_util.tree_map_with_path(label, params)
