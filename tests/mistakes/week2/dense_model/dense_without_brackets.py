# task: dense_model
# status: error
# words: "`lib.Dense` is a class, not a layer", "`lib.Dense()`"
# points: 0


def dense_model():
    return nn.Sequential([lib.Flatten(), lib.Dense, lib.Dense(10)])  # <-
