# task: conv_output_size
# status: todo
# words: "still the stub"
# points: 0


def conv_output_size(n, kernel, stride=1, padding="VALID"):
    raise NotImplementedError("Write conv_output_size.")
