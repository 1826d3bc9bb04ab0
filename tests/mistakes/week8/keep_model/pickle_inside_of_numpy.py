# task: keep_model
# status: failed
# words: "does not allow pickle.dump"
# points: 0


def save_model(path, params):
    with open(path, "wb") as file:
        np.save(file, params)


def load_model(path):
    with open(path, "rb") as file:
        return np.load(file, allow_pickle=True).item()
