# task: labels_from_folders
# status: failed
# words: "first class is 0"


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    class_names = sorted(set(folders))
    return np.array([class_names.index(name) + 1 for name in folders]), class_names
