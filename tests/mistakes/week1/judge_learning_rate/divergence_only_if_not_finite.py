# task: judge_learning_rate
# status: failed
# words: "finite, but larger than the first"
# not: "nan compares"
# points: 0


def judge_learning_rate(x, y, learning_rate):
    losses = train_line(x, y, learning_rate, 100)[2]
    if not np.isfinite(losses[-1]):
        return "diverges"
    return "too small" if losses[-1] > losses[0] / 10 else "good"  # <-
