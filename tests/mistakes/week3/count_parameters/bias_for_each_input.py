# task: count_parameters
# status: failed


def dense_params(inputs, outputs):
    return inputs * outputs + inputs
