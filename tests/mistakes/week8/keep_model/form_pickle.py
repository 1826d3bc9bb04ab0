# task: keep_model
# status: failed
# words: "does not allow pickle."
# not: "answer itself"
# points: 0


def save_model(path, params):
    import pickle

    with open(path, "wb") as file:
        pickle.dump(jax.tree.map(np.asarray, params), file)


def load_model(path):
    import pickle

    with open(path, "rb") as file:
        return pickle.load(file)
