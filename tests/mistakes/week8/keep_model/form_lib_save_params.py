# task: keep_model
# status: failed
# words: "you write this one: lib.save_params"
# points: 0


def save_model(path, params):
    lib.save_params(path, params)
