# task: split_data
# status: failed
# words: "byte for byte", "pillow opened the picture and saved it again", "copyfile"
# not: "empty", "mixed up"
# points: 0


def split_data(source, train, test, fraction, seed):
    good, left_out = [], []
    for path in sorted(Path(source).iterdir()):
        try:
            with Image.open(path) as picture:
                picture.load()
            good.append(path)
        except (OSError, SyntaxError):
            left_out.append(path.name)
    random.Random(seed).shuffle(good)
    count = int(fraction * len(good))
    for folder, part in ((train, good[:count]), (test, good[count:])):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for path in part:
            Image.open(path).save(Path(folder) / path.name)
    return left_out
