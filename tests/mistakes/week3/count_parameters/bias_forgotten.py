# task: count_parameters
# status: failed
# words: "bias", "one per filter"
# points: 1


def conv_params(in_channels, out_channels, kernel):
    return kernel * kernel * in_channels * out_channels  # <-
