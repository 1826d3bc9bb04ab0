# task: dense_model
# status: failed
# words: "ends with a softmax", "logits"
# not: "compare the layers", "padding"
# points: 0


def dense_model():
    return nn.Sequential(  # <-
        [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(10), jax.nn.softmax]
    )
