# task: load_pictures
# status: passed


def load_pictures(folder, edge):
    import os

    rows, labels, bad = [], [], []
    for number, name in enumerate(sorted(os.listdir(folder))):
        for file in sorted(os.listdir(os.path.join(folder, name))):
            try:
                image = Image.open(os.path.join(folder, name, file)).convert("RGB")
                rows.append(np.array(image.resize((edge, edge), Image.BILINEAR)))
                labels.append(number)
            except Exception:
                bad.append(name + "/" + file)
    return np.array(rows), labels, bad
