# task: load_pictures
# status: failed
# words: "rows and columns are swapped"
# not: "BICUBIC"
# points: 0


def load_pictures(folder, edge):
    images, labels, left_out = [], [], []
    for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
        for path in sorted(class_folder.iterdir()):
            try:
                rgb = Image.open(path).convert("RGB")
            except OSError:
                left_out.append(f"{class_folder.name}/{path.name}")
                continue
            small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
            images.append(np.asarray(small).swapaxes(0, 1))
            labels.append(label)
    return np.stack(images), np.array(labels), sorted(left_out)
