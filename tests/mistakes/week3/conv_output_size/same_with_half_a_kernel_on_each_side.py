# task: conv_output_size
# status: failed
# words: "even kernel gets kernel - 1 zeros"
# not: "rounded down", "too many"
# points: 1


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    if padding == "SAME":
        return (n + 2 * (kernel // 2) - kernel) // stride + 1
    return (n - kernel) // stride + 1
