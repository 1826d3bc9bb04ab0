# task: count_parameters
# status: failed
# words: "looks at all channels"
# not: "biases"


def conv_params(in_channels, out_channels, kernel):
    return (kernel * kernel + 1) * out_channels
