# task: labels_from_folders
# status: failed
# words: "these are names", "class_names.index(name)"
# not: "labels come first"
# points: 0


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    return folders, sorted(set(folders))
