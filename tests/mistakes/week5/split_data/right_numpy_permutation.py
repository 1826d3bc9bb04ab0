# task: split_data
# status: passed


def split_data(source, train, test, fraction, seed):
    import os

    bad, good = [], []
    for name in sorted(os.listdir(source)):
        try:
            np.asarray(Image.open(os.path.join(source, name)))
            good.append(name)
        except Exception:
            bad.append(name)
    order = np.random.default_rng(seed).permutation(len(good))
    count = int(len(good) * fraction)
    os.makedirs(train, exist_ok=True)
    os.makedirs(test, exist_ok=True)
    for place, number in enumerate(order):
        folder = train if place < count else test
        shutil.copy(os.path.join(source, good[number]), folder)
    return bad
