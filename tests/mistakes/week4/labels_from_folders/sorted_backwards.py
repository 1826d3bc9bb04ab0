# task: labels_from_folders
# status: failed
# words: "sorted backwards"
# not: "too far up"
# points: 0


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    class_names = sorted(set(folders), reverse=True)
    return np.array([class_names.index(name) for name in folders]), class_names
