# task: parse_csv
# status: failed
# words: "line 8 has the wrong reason", "label 99"
# points: 2


def parse_csv(text):
    images, labels, bad = [], [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if number == 1 or not line:
            continue
        cells = line.split(",")
        if len(cells) != 785:
            bad.append((number, "columns"))
            continue
        try:
            if not 0 <= int(cells[0]) <= 25:
                bad.append((number, "range"))
                continue
            pixels = [int(cell) for cell in cells[1:]]
        except ValueError:
            bad.append((number, "number"))
            continue
        if min(pixels) < 0 or max(pixels) > 255:
            bad.append((number, "range"))
            continue
        labels.append(int(cells[0]))
        images.append(pixels)
    return np.array(images, np.uint8).reshape(-1, 28, 28, 1), np.array(labels), bad
