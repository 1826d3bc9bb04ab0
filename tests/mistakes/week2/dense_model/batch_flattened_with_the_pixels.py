# task: dense_model
# status: failed
# words: "flattened the batch with the pixels", "keep the first axis"
# points: 0


def dense_model():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images):
            x = nn.relu(nn.Dense(512)(images.reshape(1, -1)))
            return nn.Dense(10)(x)

    return Net()  # <-
