# task: conv_output_size
# status: failed
# words: "ignores the stride"
# not: "rounded down"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return n
    return (n - kernel) // stride + 1
