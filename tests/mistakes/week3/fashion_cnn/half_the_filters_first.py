# task: fashion_cnn
# status: failed
# words: "has 32 filters; it should have 64"
# not: "SAME"
# points: 0


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(32, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )
