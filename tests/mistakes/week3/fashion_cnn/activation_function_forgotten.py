# task: fashion_cnn
# status: failed
# words: "no convolution has a ReLU"
# points: 0


def fashion_cnn():
    return nn.Sequential(  # <-
        [
            lib.Conv(64),
            lib.MaxPool(),
            lib.Conv(64),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )
