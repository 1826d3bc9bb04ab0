# task: fashion_cnn
# status: passed


def pool(x):
    return nn.max_pool(x, window_shape=(2, 2), strides=(2, 2))


def fashion_cnn():
    return nn.Sequential(
        [
            nn.Conv(features=64, kernel_size=(3, 3), padding="VALID"),
            pool,
            nn.relu,
            nn.Conv(features=64, kernel_size=(3, 3), padding="VALID"),
            nn.relu,
            pool,
            lambda x: x.reshape((x.shape[0], -1)),
            nn.Dense(128),
            jax.nn.relu,
            nn.Dense(10),
        ]
    )
