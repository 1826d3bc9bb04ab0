# task: keep_model
# status: failed
# words: "saved under this name before", "must replace a file"
# points: 0
# names: load_model


def save_model(path, params):
    import os

    if not os.path.exists(path):
        np.savez(path, **flatten_dict(params, sep="/"))
