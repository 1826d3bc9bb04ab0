# task: rock_paper_scissors_net
# status: passed


def rock_paper_scissors_net():
    return Hands()


class Hands(nn.Module):
    rate: float = 0.5

    def setup(self):
        self.convolutions = [lib.Conv(n, activation=nn.relu) for n in (64, 64, 128, 128)]
        self.dense, self.out = lib.Dense(512, activation=nn.relu), nn.Dense(3)
        self.dropout = nn.Dropout(self.rate)

    def __call__(self, images, train: bool = False):
        for convolution in self.convolutions:
            images = lib.max_pool(convolution(images))
        images = self.dropout(images, deterministic=not train)
        return self.out(self.dense(images.reshape((images.shape[0], -1))))
