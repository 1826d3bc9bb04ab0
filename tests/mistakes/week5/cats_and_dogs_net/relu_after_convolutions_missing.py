# task: cats_and_dogs_net
# status: failed
# words: "no convolution has a relu"
# not: "dense layer"


def cats_and_dogs_net():
    layers = []
    for filters in (32, 64, 128, 128):
        layers += [lib.Conv(filters), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(2)])
