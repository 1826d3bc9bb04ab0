# task: count_parameters
# status: failed


def cnn_params(size, filters, hidden, classes):
    return 243_786
