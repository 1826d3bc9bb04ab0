# task: parse_csv
# status: passed


def parse_csv(text):
    def problem(cells):
        if len(cells) != 785:
            return "columns"
        if not all(cell.strip().lstrip("-").isdigit() for cell in cells):
            return "number"
        label, *pixels = map(int, cells)
        fine = 0 <= label <= 25 and all(0 <= pixel <= 255 for pixel in pixels)
        return "" if fine else "range"

    lines = {n: line.split(",") for n, line in enumerate(text.split("\n"), 1) if line}
    del lines[1]
    bad = [(np.int64(n), problem(cells)) for n, cells in lines.items() if problem(cells)]
    good = [list(map(int, cells)) for cells in lines.values() if not problem(cells)]
    images = np.array([row[1:] for row in good]).astype(np.uint8)
    return images.reshape(-1, 28, 28, 1), np.array([row[0] for row in good]), bad
