# task: parse_csv
# status: failed
# words: "line 6 has the wrong reason"
# points: 2


def parse_csv(text):
    images, labels, bad = [], [], []
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.split(",")
        if number == 1 or not line:
            continue
        if len(cells) != 785:
            bad.append((number, "columns"))
        elif not all(cell.isdigit() for cell in cells):
            bad.append((number, "number"))
        elif int(cells[0]) > 25 or max(map(int, cells[1:])) > 255:
            bad.append((number, "range"))
        else:
            labels.append(int(cells[0]))
            images.append([int(cell) for cell in cells[1:]])
    return np.array(images, np.uint8).reshape(-1, 28, 28, 1), np.array(labels), bad
