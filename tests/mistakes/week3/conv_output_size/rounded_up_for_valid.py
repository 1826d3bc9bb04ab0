# task: conv_output_size
# status: failed
# words: "round down", "beyond the last"
# not: "too many", "first position"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return math.ceil(n / stride)
    return math.ceil((n - kernel) / stride) + 1
