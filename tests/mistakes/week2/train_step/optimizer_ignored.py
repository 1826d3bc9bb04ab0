# task: train_step
# status: failed
# words: "learning rate of 0.5", "state.optimizer has"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    params = jax.tree.map(lambda p, g: p - 0.5 * g, state.params, gradients)
    return state.replace(params=params, step=state.step + 1), value  # <-
