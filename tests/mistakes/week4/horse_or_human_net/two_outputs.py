# task: horse_or_human_net
# status: failed
# words: "two outputs. Use one", "40,165,409"


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(2)]
    return nn.Sequential(layers)
