# task: split_data
# status: passed


def split_data(source, train, test, fraction, seed):
    random.seed(seed)
    left_out, good = [], {}
    for path in Path(source).glob("*"):
        content = path.read_bytes()
        try:
            Image.open(path).convert("RGB")
            good[path.name] = content
        except (OSError, SyntaxError):
            left_out.append(path.name)
    chosen = set(random.sample(sorted(good), int(fraction * len(good))))
    for name, content in good.items():
        folder = Path(train if name in chosen else test)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return sorted(left_out)
