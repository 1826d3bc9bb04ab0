# task: cats_and_dogs_net
# status: failed
# words: "same convolutions", "3,453,634"
# not: "biases", "reverse"


def cats_and_dogs_net():
    layers = []
    for filters in (32, 64, 128, 128):
        layers += [lib.Conv(filters, padding="SAME", activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(2)])
