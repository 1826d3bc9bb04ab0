# task: labels_from_folders
# status: failed
# words: "every class once", "set(...)"
# not: "sort them"
# points: 0


def labels_from_folders(paths):
    folders = sorted(path.split("/")[-2] for path in paths)
    return np.array([folders.index(path.split("/")[-2]) for path in paths]), folders
