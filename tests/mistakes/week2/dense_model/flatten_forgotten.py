# task: dense_model
# status: failed
# words: "flatten"


def dense_model():
    return nn.Sequential([lib.Dense(512, activation=nn.relu), lib.Dense(10)])  # <-
