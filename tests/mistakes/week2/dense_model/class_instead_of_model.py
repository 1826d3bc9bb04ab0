# task: dense_model
# status: error
# words: "class", "Net("
# points: 0


def dense_model():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images):
            x = nn.relu(nn.Dense(512)(images.reshape(len(images), -1)))
            return nn.Dense(10)(x)

    return Net  # <-
