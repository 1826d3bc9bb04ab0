# task: count_parameters
# status: failed
# points: 2


def cnn_params(size, filters, hidden, classes):
    return 243_786
