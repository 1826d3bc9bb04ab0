# task: horse_or_human_net
# status: failed
# words: "dense layer has a sigmoid"
# not: "ends with"
# points: 0


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.sigmoid)]
    return nn.Sequential([*layers, lib.Dense(1)])
