# task: split_data
# status: passed


def split_data(source, train, test, fraction, seed):
    def whole(path):
        try:
            Image.open(path).load()
        except (OSError, SyntaxError):
            return False
        return True

    shutil.copytree(source, train)
    Path(test).mkdir(parents=True)
    paths = sorted(Path(train).iterdir())
    left_out = [path for path in paths if not whole(path)]
    for path in left_out:
        path.unlink()
    good = sorted(set(paths) - set(left_out))
    np.random.RandomState(seed).shuffle(good)
    for path in good[int(np.floor(fraction * len(good))) :]:
        path.rename(Path(test) / path.name)
    return [path.name for path in left_out]
