# task: fashion_cnn
# status: failed
# words: "ReLU after the second convolution is missing"
# not: "first", "no layer"
# points: 0


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )
