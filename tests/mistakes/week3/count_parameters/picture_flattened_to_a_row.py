# task: count_parameters
# status: failed
# words: "not size · channels"
# not: "2 smaller"
# points: 2


def cnn_params(size, filters, hidden, classes):
    total, channels = 0, 1
    for count in filters:
        total += conv_params(channels, count, 3)
        size = conv_output_size(size, 3) // 2
        channels = count
    return total + dense_params(size * channels, hidden) + dense_params(hidden, classes)
