# task: split_data
# status: failed
# words: "is broken, but you copied it", "verify() accepts"
# not: "all files", "image.open alone"
# points: 3


def split_data(source, train, test, fraction, seed):
    good, left_out = [], []
    for path in sorted(Path(source).iterdir()):
        try:
            with Image.open(path) as picture:
                picture.verify()
            good.append(path)
        except (OSError, SyntaxError):
            left_out.append(path.name)
    random.Random(seed).shuffle(good)
    count = int(fraction * len(good))
    for folder, part in ((train, good[:count]), (test, good[count:])):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for path in part:
            shutil.copyfile(path, Path(folder) / path.name)
    return left_out
