# task: rock_paper_scissors_net
# status: failed
# words: "dropout comes after the dense layer"
# points: 1


def rock_paper_scissors_net():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images, train=False):
            x = images
            for channels in (64, 64, 128, 128):
                x = nn.relu(nn.Conv(channels, (3, 3), padding="VALID")(x))
                x = nn.max_pool(x, (2, 2), (2, 2))
            x = x.reshape(len(x), -1)

            x = nn.relu(nn.Dense(512)(x))
            x = nn.Dropout(0.5)(x, deterministic=not train)
            return nn.Dense(3)(x)

    return Net()
