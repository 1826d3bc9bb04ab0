# task: parse_csv
# status: passed


def parse_csv(text):
    import csv
    import io

    rows, bad = [], []
    reader = csv.reader(io.StringIO(text))
    next(reader)
    for row in reader:
        if not row:
            continue
        reason = None
        try:
            if len(row) != 785:
                reason = "columns"
            elif not (
                0 <= min(row := [int(cell) for cell in row]) and max(row) <= 255 and row[0] <= 25
            ):
                reason = "range"
        except ValueError:
            reason = "number"
        if reason:
            bad.append([reader.line_num, reason])
        else:
            rows.append(row)
    table = np.array(rows, np.uint8).reshape(len(rows), 785)
    return [jnp.asarray(table[:, 1:].reshape(-1, 28, 28, 1)), table[:, 0], tuple(bad)]
