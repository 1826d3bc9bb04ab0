# task: load_pictures
# status: failed
# words: "one for each file", "leave those out"
# not: "take every file"
# points: 2.5


def load_pictures(folder, edge):
    images, labels, left_out = [], [], []
    for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
        for path in sorted(class_folder.iterdir()):
            try:
                rgb = Image.open(path).convert("RGB")
            except OSError:
                left_out.append(f"{class_folder.name}/{path.name}")
                rgb = Image.new("RGB", (9, 9))
            small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
            images.append(np.asarray(small))
            labels.append(label)
    return np.stack(images), np.array(labels), sorted(left_out)
