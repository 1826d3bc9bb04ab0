# task: labels_from_folders
# status: failed
# words: "keep the order of the paths"
# not: "counted"
# points: 0


def labels_from_folders(paths):
    folders = sorted(path.split("/")[-2] for path in paths)
    class_names = sorted(set(folders))
    return np.array([class_names.index(name) for name in folders]), class_names
