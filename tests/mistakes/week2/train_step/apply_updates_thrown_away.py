# task: train_step
# status: failed
# words: "parameters have not changed"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    updates, opt_state = state.optimizer.update(gradients, state.opt_state, state.params)
    optax.apply_updates(state.params, updates)
    return state.replace(opt_state=opt_state, step=state.step + 1), value  # <-
