# task: trainable_labels
# status: passed


def trainable_labels(params, frozen):
    def label(keys, _):
        names = [key.key for key in keys]
        parts = [each.split("/") for each in frozen]
        return "frozen" if any(names[: len(p)] == p for p in parts) else "trainable"

    return jax.tree_util.tree_map_with_path(label, params)
