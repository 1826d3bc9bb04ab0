# task: conv_output_size
# status: error
# words: "RecursionError", "calls itself without end"
# points: 0


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    return conv_output_size(n - 1, kernel, stride, padding) + 1  # <-
