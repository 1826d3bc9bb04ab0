# task: load_pictures
# status: failed
# words: "resized before convert", "palettes"


def load_pictures(folder, edge):
    images, labels, left_out = [], [], []
    for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
        for path in sorted(class_folder.iterdir()):
            try:
                opened = Image.open(path)
                small = opened.resize((edge, edge), Image.Resampling.BILINEAR)
            except OSError:
                left_out.append(f"{class_folder.name}/{path.name}")
                continue
            images.append(np.asarray(small.convert("RGB")))
            labels.append(label)
    return np.stack(images), np.array(labels), sorted(left_out)
