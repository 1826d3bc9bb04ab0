# task: train_step
# status: failed
# words: "you applied softmax twice", "logits"
# points: 0


def train_step(state, images, labels):
    def loss(params):
        logits = state.model.apply({"params": params}, normalise(images))
        return cross_entropy(jax.nn.softmax(logits), labels)

    value, gradients = jax.value_and_grad(loss)(state.params)
    return state.apply_gradients(gradients), value  # <-
