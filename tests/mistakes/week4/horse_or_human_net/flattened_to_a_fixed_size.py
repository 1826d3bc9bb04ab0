# task: horse_or_human_net
# status: failed
# words: "300 × 300, but not of 32 × 32", "lib.Flatten()"


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers += [lambda x: x.reshape(-1, 78_400), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(1)])
