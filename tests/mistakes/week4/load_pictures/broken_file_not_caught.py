# task: load_pictures
# status: error
# words: "UnidentifiedImageError", "not a complete image", "try"


def load_pictures(folder, edge):
    images, labels = [], []
    for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
        for path in sorted(class_folder.iterdir()):
            rgb = Image.open(path).convert("RGB")
            small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
            images.append(np.asarray(small))
            labels.append(label)
    return np.stack(images), np.array(labels), []
