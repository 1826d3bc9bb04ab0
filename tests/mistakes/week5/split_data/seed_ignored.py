# task: split_data
# status: failed
# words: "the same seed gave a different split"


def split_data(source, train, test, fraction, seed):
    good, left_out = [], []
    for path in sorted(Path(source).iterdir()):
        try:
            Image.open(path).load()
            good.append(path)
        except OSError:
            left_out.append(path.name)
    random.shuffle(good)
    count = int(fraction * len(good))
    for folder, part in ((train, good[:count]), (test, good[count:])):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for path in part:
            shutil.copyfile(path, Path(folder) / path.name)
    return left_out
