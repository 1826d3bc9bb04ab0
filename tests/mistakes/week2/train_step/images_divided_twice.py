# task: train_step
# status: failed
# words: "255 twice"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images) / 255)
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value  # <-
