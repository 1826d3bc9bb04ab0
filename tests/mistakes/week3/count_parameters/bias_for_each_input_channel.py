# task: count_parameters
# status: failed
# words: "not per channel of the input"
# not: "missing"
# points: 1


def conv_params(in_channels, out_channels, kernel):
    return in_channels * (kernel**2 * out_channels + 1)
