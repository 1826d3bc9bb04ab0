# task: count_parameters
# status: failed
# words: "after the convolution, not before"
# not: "odd edge"
# points: 2


def cnn_params(size, filters, hidden, classes):
    total, channels = 0, 1
    for count in filters:
        total += conv_params(channels, count, 3)
        size = conv_output_size(size // 2, 3)
        channels = count
    return total + dense_params(size * size * channels, hidden) + dense_params(hidden, classes)
