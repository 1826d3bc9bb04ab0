# task: load_pictures
# status: failed
# words: "BICUBIC", "use BILINEAR"


def load_pictures(folder, edge):
    images, labels, left_out = [], [], []
    for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
        for path in sorted(class_folder.iterdir()):
            try:
                rgb = Image.open(path).convert("RGB").resize((edge, edge))
            except OSError:
                left_out.append(f"{class_folder.name}/{path.name}")
                continue
            images.append(np.asarray(rgb))
            labels.append(label)
    return np.stack(images), np.array(labels), sorted(left_out)
