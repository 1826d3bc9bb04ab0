# task: train_step
# status: error
# words: "one-hot", "integer labels (n,)"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return lib.softmax_cross_entropy(logits, one_hot(labels, 10)).mean()  # <-

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value
