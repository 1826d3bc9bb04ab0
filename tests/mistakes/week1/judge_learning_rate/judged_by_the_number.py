# task: judge_learning_rate
# status: failed
# words: "the rate alone", "depends on x and y"
# points: 0


def judge_learning_rate(x, y, learning_rate):
    if learning_rate > 0.15:
        return "diverges"
    return "too small" if learning_rate < 0.005 else "good"  # <-
