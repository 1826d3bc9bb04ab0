# task: keep_model
# status: passed


def save_model(path, params):
    import json

    flat = flatten_dict(params, sep="/")
    named = {k: [np.shape(v), np.asarray(v).tobytes().hex()] for k, v in flat.items()}
    with open(path, "w") as file:
        json.dump(named, file)


def load_model(path):
    import json

    with open(path) as file:
        named = json.load(file)
    flat = {
        k: np.frombuffer(bytes.fromhex(text), np.float32).reshape(shape)
        for k, (shape, text) in named.items()
    }
    return unflatten_dict(flat, sep="/")
