# task: parse_csv
# status: failed
# words: "the header is line 1"
# points: 1


def parse_csv(text):
    images, labels, bad = [], [], []
    for number, line in enumerate(text.splitlines()[1:], start=1):
        cells = line.split(",")
        if not line:
            continue
        if len(cells) != 785:
            bad.append((number, "columns"))
            continue
        labels.append(int(cells[0]))
        images.append([int(cell) for cell in cells[1:]])
    return np.array(images, np.uint8).reshape(-1, 28, 28, 1), np.array(labels), bad
