# task: count_parameters
# status: failed
# words: "window is square"
# not: "biases"
# points: 1


def conv_params(in_channels, out_channels, kernel):
    return (kernel * in_channels + 1) * out_channels
