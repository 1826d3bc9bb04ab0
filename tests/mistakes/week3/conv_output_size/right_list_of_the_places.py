# task: conv_output_size
# status: passed


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    places = [place for place in range(n) if place % stride == 0]
    return len([p for p in places if padding == "SAME" or p + kernel <= n])
