# task: trainable_labels
# status: failed
# words: "label of conv10/", "beginnings of names", "whole parts"


def trainable_labels(params, frozen):
    def label(keys, _):
        path = "/".join(key.key for key in keys)
        return "frozen" if path.startswith(tuple(frozen)) else "trainable"

    return jax.tree_util.tree_map_with_path(label, params)
