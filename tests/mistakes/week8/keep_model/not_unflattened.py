# task: keep_model
# status: failed
# words: "the names hold slashes now"


def load_model(path):
    with np.load(path) as file:
        return dict(file)
