# task: load_pictures
# status: passed


def read(path, edge):
    try:
        with Image.open(path) as image:
            return np.array(image.convert("RGB").resize((edge, edge), resample=2))
    except (OSError, ValueError):
        return None


def load_pictures(folder, edge):
    root = Path(folder)
    names = sorted(child.name for child in root.iterdir())
    read_all = [(path, read(path, edge)) for path in sorted(root.rglob("*.*"))]
    good = [(path, image) for path, image in read_all if image is not None]
    bad = [str(path.relative_to(root)) for path, image in read_all if image is None]
    labels = [names.index(path.parts[-2]) for path, _ in good]
    return np.array([image for _, image in good]), labels, tuple(bad)
