# task: cats_and_dogs_net
# status: failed
# words: "one output. Use two", "3,453,634"


def cats_and_dogs_net():
    layers = []
    for filters in (32, 64, 128, 128):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(1)])
