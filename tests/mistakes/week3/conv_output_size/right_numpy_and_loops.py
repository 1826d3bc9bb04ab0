# task: conv_output_size
# status: passed


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    last = n if padding == "SAME" else n - kernel + 1
    return len(range(0, last, stride))
