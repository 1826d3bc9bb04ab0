# task: fashion_cnn
# status: failed
# words: "last layer has a ReLU"


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10, activation=nn.relu),
        ]
    )
