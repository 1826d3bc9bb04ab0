# task: conv_output_size
# status: passed


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    border = kernel - 1 if padding == "VALID" else 0
    return int(np.ceil((n - border) / stride))
