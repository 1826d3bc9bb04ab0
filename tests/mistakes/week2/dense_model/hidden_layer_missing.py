# task: dense_model
# status: failed
# words: "hidden layer is missing"
# points: 0


def dense_model():
    return nn.Sequential([lib.Flatten(), lib.Dense(10)])  # <-
