# task: count_parameters
# status: failed


def cnn_params(size, filters, hidden, classes):
    total, channels = 0, 1
    for count in filters:
        total += conv_params(channels, count, 3)
        size, channels = math.ceil((size - 2) / 2), count
    total += dense_params(size * size * channels, hidden)
    return total + dense_params(hidden, classes)
