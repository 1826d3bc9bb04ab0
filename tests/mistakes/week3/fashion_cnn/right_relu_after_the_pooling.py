# task: fashion_cnn
# status: passed


class Net(nn.Module):
    @nn.compact
    def __call__(self, images):
        x = images
        for number in range(2):
            x = lib.MaxPool()(lib.Conv(64, name=f"look{number}")(x))
            x = jnp.maximum(x, 0)
        x = nn.Dense(128, name="think")(x.reshape(len(x), -1))
        return nn.Dense(10, name="say")(jnp.where(x > 0, x, 0))


def fashion_cnn():
    return Net()
