# task: fashion_cnn
# status: failed
# words: "dense layer has a tanh"
# not: "missing"
# points: 0


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.tanh),
            lib.Dense(10),
        ]
    )
