# task: horse_or_human_net
# status: failed
# words: "SAME", "use VALID"


def horse_or_human_net():
    layers = []
    for filters in (16, 32, 64):
        layers += [lib.Conv(filters, padding="SAME", activation=nn.relu), lib.MaxPool()]
    layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(1)]
    return nn.Sequential(layers)
