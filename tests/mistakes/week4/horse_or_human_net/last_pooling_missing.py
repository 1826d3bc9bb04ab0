# task: horse_or_human_net
# status: failed
# words: "last pooling layer is missing"
# not: "first"
# points: 0


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers = [*layers[:-1], lib.Flatten(), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(1)])
