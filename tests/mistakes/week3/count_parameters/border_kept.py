# task: count_parameters
# status: failed
# words: "VALID convolution makes the picture 2 smaller"
# not: "odd edge"
# points: 2


def cnn_params(size, filters, hidden, classes):
    total, channels = 0, 1
    for count in filters:
        total += conv_params(channels, count, 3)
        size = size // 2
        channels = count
    return total + dense_params(size * size * channels, hidden) + dense_params(hidden, classes)
