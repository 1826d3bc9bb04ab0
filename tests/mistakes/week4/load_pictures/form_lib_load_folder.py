# task: load_pictures
# status: failed
# words: "you write this one", "lib.load_folder"


def load_pictures(folder, edge):
    found = lib.load_folder(folder, edge)
    return *found.train, [skipped.path for skipped in found.skipped]
