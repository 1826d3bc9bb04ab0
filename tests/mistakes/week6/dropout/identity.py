# task: dropout
# status: failed
# words: "nothing is dropped"
# points: 0


def dropout(x, rate, key, train):
    return x
