# task: conv_output_size
# status: failed
# words: "float", "integer", "//"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return math.ceil(n / stride)
    return (n - kernel) / stride + 1  # <-
