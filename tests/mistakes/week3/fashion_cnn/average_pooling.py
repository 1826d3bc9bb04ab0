# task: fashion_cnn
# status: failed
# words: "pooling takes the mean"
# not: "ReLU"


def fashion_cnn():
    pieces = [lib.Conv(64, activation=nn.relu), lib.AvgPool()] * 2
    pieces += [lib.Flatten(), lib.Dense(128, activation=nn.relu), lib.Dense(10)]
    return nn.Sequential([piece.copy() for piece in pieces])
