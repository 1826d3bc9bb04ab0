# task: fashion_cnn
# status: failed
# words: "243,520", "biases are missing"
# points: 0


def fashion_cnn():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images):
            x = images
            for _ in range(2):
                x = nn.relu(nn.Conv(64, (3, 3), padding="VALID", use_bias=False)(x))
                x = nn.max_pool(x, (2, 2), strides=(2, 2))
            x = x.reshape(len(images), -1)
            x = nn.relu(nn.Dense(128, use_bias=False)(x))
            return nn.Dense(10, use_bias=False)(x)

    return Net()  # <-
