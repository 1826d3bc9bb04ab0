# task: labels_from_folders
# status: passed


def labels_from_folders(paths):
    numbers = {name: k for k, name in enumerate(sorted({p.split("/")[-2] for p in paths}))}
    return [numbers[p.split("/")[-2]] for p in paths], list(numbers)
