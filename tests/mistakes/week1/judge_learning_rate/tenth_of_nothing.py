# task: judge_learning_rate
# status: failed
# words: "tenth of the first, not with 0.1"
# points: 0


def judge_learning_rate(x, y, learning_rate):
    losses = train_line(x, y, learning_rate, 100)[2]
    if not np.isfinite(losses[-1]) or losses[-1] > losses[0]:
        return "diverges"
    return "too small" if losses[-1] > 0.1 else "good"  # <-
