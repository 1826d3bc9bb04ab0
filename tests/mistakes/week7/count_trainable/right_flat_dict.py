# task: count_trainable
# status: passed

from flax.traverse_util import flatten_dict


def count_trainable(params, frozen):
    flat = flatten_dict(params, sep="/")
    labels = flatten_dict(trainable_labels(params, frozen), sep="/")
    return int(sum(np.prod(flat[p].shape) for p in flat if labels[p] == "trainable"))
