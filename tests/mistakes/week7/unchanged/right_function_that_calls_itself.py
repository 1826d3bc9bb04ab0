# task: unchanged
# status: passed


def unchanged(before, after, frozen, path=""):
    for name, old in before.items():
        place = f"{path}{name}/"
        new = after.get(name) if isinstance(after, dict) else None
        if isinstance(old, dict):
            if not unchanged(old, new, frozen, place):
                return False
        elif any(place.startswith(each + "/") for each in frozen):
            if new is None or isinstance(new, dict) or new.shape != old.shape:
                return False
            if new.dtype != old.dtype or np.array(new).tobytes() != np.array(old).tobytes():
                return False
    return True
