# task: conv_output_size
# status: failed
# words: "none", "print", "return"
# points: 0


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    size = -(-n // stride) if padding == "SAME" else (n - kernel) // stride + 1
    print(size)  # <-
