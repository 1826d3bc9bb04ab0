# task: labels_from_folders
# status: failed
# words: "count the parts from the end"


def labels_from_folders(paths):
    folders = [path.split("/")[1] for path in paths]
    class_names = sorted(set(folders))
    return np.array([class_names.index(name) for name in folders]), class_names
