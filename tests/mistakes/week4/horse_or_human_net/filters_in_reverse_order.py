# task: horse_or_human_net
# status: failed
# words: "in reverse order"
# not: "SAME"
# points: 0


def horse_or_human_net():
    layers = []
    for filters in (64, 32, 16):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(1)])
