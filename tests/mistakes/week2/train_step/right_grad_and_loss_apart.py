# task: train_step
# status: passed


def train_step(state, images, labels):
    pictures = jnp.asarray(images, jnp.float32) / 255

    def loss(params):
        logits = state.model.apply({"params": params}, pictures)
        return lib.softmax_cross_entropy(logits, labels).mean()

    value = loss(state.params)
    return state.apply_gradients(jax.grad(loss)(state.params)), value
