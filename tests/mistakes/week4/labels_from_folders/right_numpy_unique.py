# task: labels_from_folders
# status: passed


def labels_from_folders(paths):
    folders = [Path(path).parent.name for path in paths]
    names, labels = np.unique(folders, return_inverse=True)
    return labels, [str(name) for name in names]
