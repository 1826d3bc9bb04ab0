# task: train_step
# status: failed
# words: "all gradients are 0", "its own argument"
# not: "have not changed", "not state.params"
# points: 0


def train_step(state, images, labels):
    params = state.params

    def loss(weights):
        return cross_entropy(state.model.apply({"params": params}, normalise(images)), labels)

    value, gradients = jax.value_and_grad(loss)(params)
    return state.apply_gradients(gradients), value  # <-
