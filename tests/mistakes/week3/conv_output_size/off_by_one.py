# task: conv_output_size
# status: failed
# words: "off by one", "first position"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return math.ceil(n / stride)
    return (n - kernel) // stride  # <-
