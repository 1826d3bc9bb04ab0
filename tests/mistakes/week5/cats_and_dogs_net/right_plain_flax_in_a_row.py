# task: cats_and_dogs_net
# status: passed


def cats_and_dogs_net():
    def pool(x):
        return nn.max_pool(x, (2, 2), (2, 2))

    convolutions = []
    for filters in (32, 64, 128, 128):
        convolutions += [nn.Conv(filters, (3, 3), padding="VALID"), pool, nn.relu]
    return nn.Sequential(
        [
            *convolutions,
            lambda x: x.reshape((x.shape[0], -1)),
            nn.Dense(512),
            nn.relu,
            nn.Dense(2),
        ]
    )
