# task: train_step
# status: failed
# words: "not changed", "apply_gradients returns"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    state.apply_gradients(gradients)
    return state, value  # <-
