# task: keep_model
# status: failed
# words: "float16 keeps three digits"
# points: 0


def save_model(path, params):
    flat = {k: np.asarray(v, np.float16) for k, v in flatten_dict(params, sep="/").items()}
    np.savez(path, **flat)


def load_model(path):
    with np.load(path) as file:
        return unflatten_dict({k: np.float32(v) for k, v in file.items()}, sep="/")
