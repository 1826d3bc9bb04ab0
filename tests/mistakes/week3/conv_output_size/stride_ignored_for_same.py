# task: conv_output_size
# status: failed
# words: "the stride is left out"
# not: "rounded down"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return n
    return (n - kernel) // stride + 1
