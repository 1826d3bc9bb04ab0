# task: count_parameters
# status: failed
# words: "one bias per neuron, not per input"
# not: "missing"


def dense_params(inputs, outputs):
    return inputs * outputs + inputs
