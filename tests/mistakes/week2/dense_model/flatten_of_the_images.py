# task: dense_model
# status: error
# words: "`lib.Flatten` is a class, not a layer", "lib.Flatten()(x)"
# not: "counts only"
# points: 0


def dense_model():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images):
            x = lib.Flatten(images)  # <-
            return lib.Dense(10)(lib.Dense(512, activation=nn.relu)(x))

    return Net()
