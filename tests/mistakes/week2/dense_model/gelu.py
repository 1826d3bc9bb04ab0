# task: dense_model
# status: failed
# words: "is gelu", "nn.relu"
# points: 0


def dense_model():
    return nn.Sequential([lib.Flatten(), lib.Dense(512, activation=nn.gelu), lib.Dense(10)])  # <-
