# task: conv_output_size
# status: failed


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    return n // stride if padding == "SAME" else (n - kernel) // stride + 1
