# task: labels_from_folders
# status: passed


def labels_from_folders(paths):
    folders = [path.split("/")[-2] for path in paths]
    class_names = []
    for name in folders:
        if name not in class_names:
            class_names.append(name)
    class_names.sort()
    return [sum(other < name for other in class_names) for name in folders], class_names
