# task: keep_model
# status: failed
# words: "you write this one: lib.save_params"


def save_model(path, params):
    lib.save_params(path, params)
