# task: conv_output_size
# status: failed
# words: "only for an odd kernel", "n - kernel + 1"
# not: "first position"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return math.ceil(n / stride)
    return (n - 2 * (kernel // 2) - 1) // stride + 1
