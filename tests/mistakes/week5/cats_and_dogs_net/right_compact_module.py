# task: cats_and_dogs_net
# status: passed


class CatsAndDogs(nn.Module):
    @nn.compact
    def __call__(self, x):
        for filters in [32, 64, 128, 128]:
            x = nn.Conv(filters, kernel_size=(3, 3), padding="VALID")(x)
            x = nn.max_pool(jax.nn.relu(x), window_shape=(2, 2), strides=(2, 2))
        x = jnp.reshape(x, (x.shape[0], -1))
        x = nn.Dense(features=512)(x)
        x = jnp.maximum(x, 0)
        return nn.Dense(features=2)(x)


def cats_and_dogs_net():
    return CatsAndDogs()
