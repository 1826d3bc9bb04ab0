# task: horse_or_human_net
# status: failed
# words: "dense layer of 512 is missing"
# not: "outputs"
# points: 0


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten()]
    return nn.Sequential([*layers, lib.Dense(1)])
