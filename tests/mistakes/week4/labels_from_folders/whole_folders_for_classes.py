# task: labels_from_folders
# status: failed
# words: "full paths of the folders"
# not: "too far up"
# points: 0


def labels_from_folders(paths):
    folders = [path.rpartition("/")[0] for path in paths]
    class_names = sorted(set(folders))
    return np.array([class_names.index(name) for name in folders]), class_names
