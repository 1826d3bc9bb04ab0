# task: fashion_cnn
# status: failed
# words: "are 5 × 5. Use 3 × 3"
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
