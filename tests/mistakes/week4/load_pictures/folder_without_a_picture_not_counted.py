# task: load_pictures
# status: failed
# words: "keeps its number"
# not: "first class"
# points: 2.5


def load_pictures(folder, edge):
    images, folders, left_out = [], [], []
    for path in sorted(Path(folder).glob("*/*")):
        name = f"{path.parent.name}/{path.name}"
        try:
            rgb = Image.open(path).convert("RGB")
        except OSError:
            left_out.append(name)
            continue
        images.append(np.asarray(rgb.resize((edge, edge), Image.Resampling.BILINEAR)))
        folders.append(path.parent.name)
    return np.stack(images), np.unique(folders, return_inverse=True)[1], left_out
