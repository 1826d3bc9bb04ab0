# task: conv_output_size
# status: timeout
# words: "10 s of CPU time", "loop", "python"
# points: 0


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    places = 0
    for place in range(10**9):
        places += place % stride == 0 and place + kernel <= n
    return places
