# task: labels_from_folders
# status: passed


def labels_from_folders(paths):
    folders = np.array([path.rsplit("/", 2)[1] for path in paths])
    class_names = np.unique(folders).tolist()
    return jnp.asarray(np.searchsorted(class_names, folders)), tuple(class_names)
