# task: trainable_labels
# status: passed

from flax.traverse_util import flatten_dict, unflatten_dict


def trainable_labels(params, frozen):
    flat = flatten_dict(params, sep="/")
    for path in flat:
        inside = [each for each in frozen if path == each or path.startswith(each + "/")]
        flat[path] = "frozen" if inside else "trainable"
    return unflatten_dict(flat, sep="/")
