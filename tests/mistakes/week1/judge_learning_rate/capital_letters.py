# task: judge_learning_rate
# status: failed
# words: "spelling", "to the letter"
# not: "compare the last"
# points: 0


def judge_learning_rate(x, y, learning_rate):
    losses = train_line(x, y, learning_rate, 100)[2]
    if not np.isfinite(losses[-1]) or losses[-1] > losses[0]:
        return "Diverges"
    return "Too small" if losses[-1] > losses[0] / 10 else "Good"  # <-
