# task: judge_learning_rate
# status: passed


def judge_learning_rate(x, y, learning_rate):
    *_, losses = train_line(x, y, learning_rate, 100)
    ratio = losses[-1] / losses[0]
    if not ratio <= 1:
        return "diverges"
    return "good" if ratio <= 0.1 else "too small"
