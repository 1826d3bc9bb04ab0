# task: conv_output_size
# status: failed
# words: "VALID", "SAME"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    return (n - kernel) // stride + 1  # <-
