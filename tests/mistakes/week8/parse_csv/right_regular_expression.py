# task: parse_csv
# status: passed


def parse_csv(text):
    import re

    def reason(cells):
        if len(cells) != 785:
            return "columns"
        if not all(re.fullmatch(r"[+-]?[0-9]+", cell) for cell in cells):
            return "number"
        values = np.array(cells, np.int64)
        inside = (values >= 0) & (values <= np.where(np.arange(785) == 0, 25, 255))
        return None if inside.all() else "range"

    rows = {n: line.split(",") for n, line in enumerate(text.split("\n"), 1) if n > 1 and line}
    reasons = {n: reason(cells) for n, cells in rows.items()}
    good = np.array([rows[n] for n in rows if not reasons[n]], np.int64).reshape(-1, 785)
    bad = [(n, why) for n, why in reasons.items() if why]
    return good[:, 1:].astype(np.uint8).reshape(-1, 28, 28, 1), good[:, 0].astype(np.int32), bad
