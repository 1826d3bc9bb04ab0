# task: dense_model
# status: passed


class Net(nn.Module):
    def setup(self):
        self.last = nn.Dense(10)
        self.first = nn.Dense(512)

    def __call__(self, x):
        return self.last(jnp.maximum(self.first(x.reshape((-1, 784))), 0))


def dense_model():
    return Net()
