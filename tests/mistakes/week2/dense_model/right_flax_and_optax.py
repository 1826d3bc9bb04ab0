# task: dense_model
# status: passed


def dense_model():
    return nn.Sequential(
        [
            lambda x: x.reshape((-1, 28 * 28)),
            nn.Dense(512, name="hidden"),
            nn.relu,
            nn.Dense(10, name="out"),
        ]
    )
