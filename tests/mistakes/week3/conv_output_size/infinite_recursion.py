# task: conv_output_size
# status: error
# words: "RecursionError", "calls itself without end"


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    return conv_output_size(n - 1, kernel, stride, padding) + 1  # <-
