# task: fashion_cnn
# status: passed


def fashion_cnn():
    layers = []
    for _ in range(2):
        layers += [nn.Conv(64, (3, 3), padding="VALID"), nn.relu]
        layers.append(lambda x: nn.max_pool(x, (2, 2), (2, 2)))
    layers += [lambda x: x.reshape((x.shape[0], -1)), nn.Dense(128), nn.relu, nn.Dense(10)]
    return nn.Sequential(layers)
