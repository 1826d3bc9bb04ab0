# task: split_data
# status: failed
# words: "is broken, but you copied it", "you copied all files"
# not: "verify"
# points: 3


def split_data(source, train, test, fraction, seed):
    names = sorted(path.name for path in Path(source).iterdir())
    random.Random(seed).shuffle(names)
    count = int(fraction * len(names))
    for folder, part in ((train, names[:count]), (test, names[count:])):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name in part:
            shutil.copyfile(Path(source) / name, Path(folder) / name)
    return []
