# task: conv_output_size
# status: failed
# words: "ignores the stride"
# not: "size for SAME"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return math.ceil(n / stride)
    return n - kernel + 1
