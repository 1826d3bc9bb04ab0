# task: train_step
# status: failed
# words: "all gradients are 0", "the loss does not depend on its argument", "not state.params"
# not: "have not changed", "with respect to"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": state.params}, normalise(images))  # <-
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value
