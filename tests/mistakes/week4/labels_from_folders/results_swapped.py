# task: labels_from_folders
# status: failed
# words: "these are not the class names"


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    return sorted(set(folders)), np.unique(folders, return_inverse=True)[1]
