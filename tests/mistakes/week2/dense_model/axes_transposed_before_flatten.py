# task: dense_model
# status: failed
# words: "rows and columns of the picture are swapped"
# points: 0


def dense_model():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images):
            x = images.transpose(0, 2, 1, 3).reshape(len(images), -1)
            return nn.Dense(10)(nn.relu(nn.Dense(512)(x)))

    return Net()  # <-
