# task: trainable_labels
# status: failed
# words: "there is no label at", "two strings"
# not: "swapped"
# points: 0


def trainable_labels(params, frozen):
    def label(keys, _):
        path = "/".join(key.key for key in keys) + "/"
        return any(path.startswith(each + "/") for each in frozen)

    return jax.tree_util.tree_map_with_path(label, params)
