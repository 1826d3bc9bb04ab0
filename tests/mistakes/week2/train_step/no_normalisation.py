# task: train_step
# status: failed
# words: "you did not normalise", "255"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, jnp.asarray(images, jnp.float32))
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value  # <-
