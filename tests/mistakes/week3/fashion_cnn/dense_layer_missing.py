# task: fashion_cnn
# status: failed
# words: "dense layer of 128 is missing"
# not: "SAME"
# points: 0


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(10),
        ]
    )
