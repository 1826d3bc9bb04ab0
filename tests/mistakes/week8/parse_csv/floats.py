# task: parse_csv
# status: failed
# words: "should be uint8"
# points: 0


def parse_csv(text):
    lines = text.splitlines()[1:]
    table = np.array([line.split(",") for line in lines], np.float32)
    return table[:, 1:].reshape(-1, 28, 28, 1), table[:, 0].astype(np.int32), []
