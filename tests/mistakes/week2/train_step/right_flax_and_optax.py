# task: train_step
# status: passed


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, images / 255)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    value, slopes = jax.value_and_grad(loss)(state.params)
    updates, memory = state.optimizer.update(slopes, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    return state.replace(step=state.step + 1, params=params, opt_state=memory), value
