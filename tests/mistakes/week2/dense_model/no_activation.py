# task: dense_model
# status: failed
# words: "no activation"
# not: "compare the layers", "padding"
# points: 0


def dense_model():
    return nn.Sequential([lib.Flatten(), lib.Dense(512), lib.Dense(10)])  # <-
