# task: fashion_cnn
# status: failed
# words: "last pooling layer is missing"
# not: "first"
# points: 0


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, activation=nn.relu),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )
