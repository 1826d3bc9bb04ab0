# task: judge_learning_rate
# status: failed


def judge_learning_rate(x, y, learning_rate):
    return "too small" if learning_rate < 0.001 else "good"
