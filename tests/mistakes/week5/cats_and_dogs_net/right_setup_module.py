# task: cats_and_dogs_net
# status: passed


class Net(nn.Module):
    def setup(self):
        self.convs = [nn.Conv(n, (3, 3), padding="VALID") for n in (32, 64, 128, 128)]
        self.wide, self.out = nn.Dense(512), nn.Dense(2)

    def __call__(self, x):
        for conv in self.convs:
            x = nn.max_pool(nn.relu(conv(x)), (2, 2), strides=(2, 2))
        return self.out(nn.relu(self.wide(x.reshape(len(x), -1))))


def cats_and_dogs_net():
    return Net()
