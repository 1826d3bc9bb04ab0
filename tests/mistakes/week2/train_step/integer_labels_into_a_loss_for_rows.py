# task: train_step
# status: error
# words: "one-hot", "integer"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return optax.softmax_cross_entropy(logits, labels).mean()  # <-

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value
