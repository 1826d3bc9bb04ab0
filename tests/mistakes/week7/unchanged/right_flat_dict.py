# task: unchanged
# status: passed

from flax.traverse_util import flatten_dict


def unchanged(before, after, frozen):
    old, new = flatten_dict(before, sep="/"), flatten_dict(after, sep="/")
    rests = [p for p in old if any(f"{p}/".startswith(f"{each}/") for each in frozen)]

    def same(path):
        one, other = np.array(old[path]), np.array(new.get(path, np.nan))
        if one.dtype != other.dtype or one.shape != other.shape:
            return False
        return bytes(one) == bytes(other)

    return np.all([same(path) for path in rests])
