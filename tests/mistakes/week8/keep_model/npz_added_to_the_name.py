# task: keep_model
# status: failed
# words: "there is no such file"
# points: 0


def save_model(path, params):
    np.savez(path + ".npz", **flatten_dict(params, sep="/"))
