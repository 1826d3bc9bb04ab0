# task: keep_model
# status: failed
# words: "the names contain slashes now"
# points: 0


def load_model(path):
    with np.load(path) as file:
        return dict(file)
