# task: train_step
# status: failed
# words: "summed", "mean"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return lib.softmax_cross_entropy(logits, labels).sum()

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value  # <-
