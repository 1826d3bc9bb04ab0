# task: labels_from_folders
# status: failed
# words: "in the order in which they occur", "sort them"


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    class_names = list(dict.fromkeys(folders))
    return np.array([class_names.index(name) for name in folders]), class_names
