# task: trainable_labels
# status: failed
# words: "only at the first path in `frozen`"
# not: "swapped", "anywhere"
# points: 0


def trainable_labels(params, frozen):
    def label(keys, _):
        path = "/".join(key.key for key in keys)
        for each in frozen:
            if f"{path}/".startswith(f"{each}/"):
                return "frozen"
            return "trainable"
        return "trainable"

    return jax.tree_util.tree_map_with_path(label, params)
