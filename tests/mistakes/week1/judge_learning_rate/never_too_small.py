# task: judge_learning_rate
# status: failed
# words: "not to a tenth"
# not: "nan compares"
# points: 0


def judge_learning_rate(x, y, learning_rate):
    losses = train_line(x, y, learning_rate, 100)[2]
    return "good" if losses[-1] < losses[0] else "diverges"  # <-
