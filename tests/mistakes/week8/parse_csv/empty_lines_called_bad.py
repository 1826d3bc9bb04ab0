# task: parse_csv
# status: failed
# words: "line 5 is empty", "without reporting them"
# points: 2


def parse_csv(text):
    images, labels, bad = [], [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if number == 1:
            continue
        cells = line.split(",")
        if len(cells) != 785:
            bad.append((number, "columns"))
            continue
        try:
            values = [int(cell) for cell in cells]
        except ValueError:
            bad.append((number, "number"))
            continue
        if not 0 <= values[0] <= 25 or min(values) < 0 or max(values) > 255:
            bad.append((number, "range"))
            continue
        labels.append(values[0])
        images.append(values[1:])
    return np.array(images, np.uint8).reshape(-1, 28, 28, 1), np.array(labels), bad
