# task: dense_model
# status: error
# words: "`lib.Flatten` is a class, not a layer", "`lib.Flatten()`"
# not: "counts only"
# points: 0


def dense_model():
    return nn.Sequential([lib.Flatten, lib.Dense(512, activation=nn.relu), lib.Dense(10)])  # <-
