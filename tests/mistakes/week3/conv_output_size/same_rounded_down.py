# task: conv_output_size
# status: failed
# words: "not rounded up"
# not: "first position"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return n // stride
    return (n - kernel) // stride + 1
