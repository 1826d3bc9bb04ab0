# task: count_parameters
# status: passed


def conv_params(in_channels, out_channels, kernel):
    return int(np.prod((kernel, kernel, in_channels, out_channels)) + out_channels)


def dense_params(inputs, outputs):
    return int(np.zeros((inputs, outputs)).size + np.zeros(outputs).size)
