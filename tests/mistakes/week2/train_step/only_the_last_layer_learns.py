# task: train_step
# status: failed
# words: "only the last layer has learned"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return cross_entropy(logits, labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    only_last = jax.tree.map(jnp.zeros_like, gradients) | {"logits": gradients["logits"]}
    return state.apply_gradients(only_last), value  # <-
