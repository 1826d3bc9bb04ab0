# task: train_cnn
# status: failed
# words: "all biases are 0"
# not: "more epochs", "falls to 0"
# points: 0


def train_cnn(images, labels, key):
    model, optimizer = fashion_cnn(), optax.adam(0.001)
    params = model.init(key, jnp.zeros((1, 28, 28, 1)))["params"]
    opt_state = optimizer.init(params)

    def loss(params, batch, labels):
        logits = model.apply({"params": params}, batch / 255)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    for start in range(0, 64, 32):
        batch = jnp.float32(images[start : start + 32])
        grads = jax.grad(loss)(params, batch, labels[start : start + 32])
        updates, opt_state = optimizer.update(grads, opt_state)
        optax.apply_updates(params, updates)
    return params
