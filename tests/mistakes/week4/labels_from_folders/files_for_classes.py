# task: labels_from_folders
# status: failed
# words: "these are files", "folder before them"
# not: "sort them"
# points: 0


def labels_from_folders(paths):
    files = [path.split("/")[-1] for path in paths]
    class_names = sorted(set(files))
    return np.array([class_names.index(name) for name in files]), class_names
