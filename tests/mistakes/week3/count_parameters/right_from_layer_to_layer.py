# task: count_parameters
# status: passed


def cnn_params(size, filters, hidden, classes):
    if not filters:
        return dense_params(size * size, hidden) + dense_params(hidden, classes)
    sizes, channels = [size], [1, *filters]
    for _ in filters:
        sizes.append((sizes[-1] - 2) // 2)
    convolutions = [9 * a * b + b for a, b in zip(channels, channels[1:], strict=False)]
    inputs = sizes[-1] ** 2 * channels[-1]
    return sum(convolutions) + (inputs + 1) * hidden + (hidden + 1) * classes
