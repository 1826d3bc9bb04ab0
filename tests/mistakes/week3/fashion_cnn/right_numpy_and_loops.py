# task: fashion_cnn
# status: passed


class Net(nn.Module):
    def setup(self):
        self.second = nn.Conv(64, (3, 3), padding=0)
        self.first = nn.Conv(64, (3, 3), padding="VALID")
        self.wide = nn.Dense(128)
        self.out = nn.Dense(10)

    def __call__(self, x):
        x = nn.max_pool(nn.relu(self.first(x)), (2, 2), strides=(2, 2))
        x = nn.max_pool(nn.relu(self.second(x)), (2, 2), strides=(2, 2))
        return self.out(nn.relu(self.wide(x.reshape((-1, 1600)))))


def fashion_cnn():
    return Net()
