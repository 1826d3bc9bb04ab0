# task: keep_model
# status: passed


def save_model(path, params):
    import json

    flat = {name: np.asarray(array) for name, array in flatten_dict(params, sep="/").items()}
    head = json.dumps({name: array.shape for name, array in flat.items()}).encode()
    with open(path, "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for array in flat.values():
            file.write(array.tobytes())


def load_model(path):
    import json

    flat = {}
    with open(path, "rb") as file:
        shapes = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        for name, shape in shapes.items():
            size = 4 * math.prod(shape)
            flat[name] = np.frombuffer(file.read(size), np.float32).reshape(shape)
    return unflatten_dict(flat, sep="/")
