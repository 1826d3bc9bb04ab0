# task: keep_model
# status: failed
# words: "has a different shape or type from"
# points: 0
# names: load_model


def save_model(path, params):
    flat = {k: v.astype(np.float16) for k, v in flatten_dict(params, sep="/").items()}
    np.savez(path, **flat)
