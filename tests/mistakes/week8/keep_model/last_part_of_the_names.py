# task: keep_model
# status: failed
# words: "different names from"
# points: 0
# names: load_model


def save_model(path, params):
    np.savez(
        path, **{name.split("/")[-1]: leaf for name, leaf in flatten_dict(params, sep="/").items()}
    )
