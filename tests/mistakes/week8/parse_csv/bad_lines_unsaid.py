# task: parse_csv
# status: failed
# words: "report every bad row"
# points: 1


def parse_csv(text):
    rows = [line.split(",") for line in text.splitlines()[1:] if line]
    images = np.array([row[1:] for row in rows if len(row) == 785]).astype(np.uint8)
    labels = np.array([row[0] for row in rows if len(row) == 785], np.int32)
    return images.reshape(-1, 28, 28, 1), labels, []
