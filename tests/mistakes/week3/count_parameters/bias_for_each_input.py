# task: count_parameters
# status: failed
# points: 1


def dense_params(inputs, outputs):
    return inputs * outputs + inputs
