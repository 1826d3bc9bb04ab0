# task: count_parameters
# status: failed
# words: "odd edge", "round halves down"
# not: "2 smaller"
# points: 2


def cnn_params(size, filters, hidden, classes):
    total, channels = 0, 1
    for count in filters:
        total += conv_params(channels, count, 3)
        size = math.ceil(conv_output_size(size, 3) / 2)
        channels = count
    return total + dense_params(size * size * channels, hidden) + dense_params(hidden, classes)
