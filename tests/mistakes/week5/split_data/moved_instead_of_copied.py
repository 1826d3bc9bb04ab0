# task: split_data
# status: failed
# words: "your function changed the source folder", "copy, do not move"


def split_data(source, train, test, fraction, seed):
    good, left_out = [], []
    for path in sorted(Path(source).iterdir()):
        try:
            Image.open(path).load()
            good.append(path)
        except OSError:
            left_out.append(path.name)
    random.Random(seed).shuffle(good)
    count = int(fraction * len(good))
    for folder, part in ((train, good[:count]), (test, good[count:])):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for path in part:
            shutil.move(path, Path(folder) / path.name)
    return left_out
