# task: conv_output_size
# status: failed
# words: "nothing is left over"
# not: "rounded down"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return n // stride + 1
    return (n - kernel) // stride + 1
