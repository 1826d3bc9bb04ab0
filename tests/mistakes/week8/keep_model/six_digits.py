# task: keep_model
# status: failed
# words: "6 digits left"
# points: 0


def save_model(path, params):
    import json

    flat = flatten_dict(params, sep="/")
    text = {k: [v.shape, [f"{x:.6g}" for x in np.ravel(v)]] for k, v in flat.items()}
    with open(path, "w") as file:
        json.dump(text, file)


def load_model(path):
    import json

    with open(path) as file:
        text = json.load(file)
    flat = {k: np.array(v, np.float32).reshape(shape) for k, (shape, v) in text.items()}
    return unflatten_dict(flat, sep="/")
