# task: conv_output_size
# status: failed
# words: "divide first, then add 1"
# not: "first position"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return math.ceil(n / stride)
    return (n - kernel + 1) // stride
