# task: dense_model
# status: failed


def dense_model():
    return nn.Sequential([lib.Flatten(), lib.Dense(256, activation=nn.relu), lib.Dense(10)])
