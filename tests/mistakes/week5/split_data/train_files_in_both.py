# task: split_data
# status: failed
# words: "is in both folders", "test has all the readable files"


def split_data(source, train, test, fraction, seed):
    good, left_out = [], []
    for path in sorted(Path(source).iterdir()):
        try:
            Image.open(path).load()
            good.append(path)
        except OSError:
            left_out.append(path.name)
    chosen = random.Random(seed).sample(good, int(fraction * len(good)))
    for folder, part in ((train, chosen), (test, good)):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for path in part:
            shutil.copyfile(path, Path(folder) / path.name)
    return left_out
