# task: train_step
# status: failed
# words: "starts again", "state.opt_state"
# points: 2


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    updates, _ = state.optimizer.update(gradients, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    return state.replace(params=params, step=state.step + 1), value  # <-
