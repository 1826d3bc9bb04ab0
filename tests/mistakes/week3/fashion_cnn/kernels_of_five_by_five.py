# task: fashion_cnn
# status: failed
# words: "5 × 5; 3 × 3 are asked for"
# not: "SAME"
# points: 0


def fashion_cnn():
    return nn.Sequential(
        [
            lib.Conv(64, (5, 5), activation=nn.relu),
            lib.MaxPool(),
            lib.Conv(64, (5, 5), activation=nn.relu),
            lib.MaxPool(),
            lib.Flatten(),
            lib.Dense(128, activation=nn.relu),
            lib.Dense(10),
        ]
    )
