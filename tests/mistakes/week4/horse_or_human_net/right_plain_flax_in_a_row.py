# task: horse_or_human_net
# status: passed


def pool(x):
    return nn.max_pool(x, (2, 2), strides=(2, 2))


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [nn.Conv(filters, (3, 3), padding="VALID"), pool, nn.relu]
    layers += [lambda x: x.reshape((len(x), -1)), nn.Dense(512), nn.relu, nn.Dense(1)]
    return nn.Sequential(layers)
