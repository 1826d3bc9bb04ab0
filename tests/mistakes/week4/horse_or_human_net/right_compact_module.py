# task: horse_or_human_net
# status: passed


class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        for filters in (16, 32, 64):
            x = nn.relu(nn.Conv(filters, (3, 3), padding="VALID")(x))
            x = nn.max_pool(x, (2, 2), strides=(2, 2))
        x = nn.relu(nn.Dense(512)(x.reshape(x.shape[0], -1)))
        return nn.Dense(1)(x)


def horse_or_human_net():
    return Net()
