# task: horse_or_human_net
# status: passed


class HorseOrHuman(nn.Module):
    def setup(self):
        self.convolutions = [lib.Conv(n, activation=nn.relu) for n in (16, 32, 64)]
        self.hidden = lib.Dense(512)
        self.answer = lib.Dense(1)

    def __call__(self, images):
        for convolution in self.convolutions:
            images = lib.max_pool(convolution(images))
        rows = jnp.reshape(images, (images.shape[0], -1))
        return self.answer(jnp.clip(self.hidden(rows), 0))


def horse_or_human_net():
    return HorseOrHuman()
