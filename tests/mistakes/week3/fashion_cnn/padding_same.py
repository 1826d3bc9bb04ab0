# task: fashion_cnn
# status: failed
# words: "440,394", "243,786", "SAME", "VALID"
# points: 0


def fashion_cnn():
    return nn.Sequential(  # <-
        [
            lib.Conv(64, padding="SAME", activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, padding="SAME", activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )
