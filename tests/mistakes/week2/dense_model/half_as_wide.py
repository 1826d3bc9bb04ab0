# task: dense_model
# status: failed
# words: "has 256 units", "512"
# points: 0


def dense_model():
    return nn.Sequential([lib.Flatten(), lib.Dense(256, activation=nn.relu), lib.Dense(10)])  # <-
