# task: dense_model
# status: failed
# words: "flatten"
# points: 0


def dense_model():
    return nn.Sequential([lib.Dense(512, activation=nn.relu), lib.Dense(10)])  # <-
