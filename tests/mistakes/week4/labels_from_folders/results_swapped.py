# task: labels_from_folders
# status: failed
# words: "labels come first, then the class names"
# not: "too far up"
# points: 0


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    return sorted(set(folders)), np.unique(folders, return_inverse=True)[1]
