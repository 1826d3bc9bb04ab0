# task: dense_model
# status: failed
# words: "ends with a softmax", "logits"
# points: 0


def dense_model():
    return nn.Sequential(  # <-
        [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(10), jax.nn.softmax]
    )
