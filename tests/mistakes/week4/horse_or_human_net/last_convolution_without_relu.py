# task: horse_or_human_net
# status: failed
# words: "ReLU after the last convolution is missing"
# not: "no layer", "first"
# points: 0


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, activation=nn.relu if filters < 64 else None), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
    return nn.Sequential([*layers, lib.Dense(1)])
