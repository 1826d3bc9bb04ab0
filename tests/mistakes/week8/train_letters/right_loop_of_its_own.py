# task: train_letters
# status: passed


def train_letters(images, labels, key):
    model, epochs, size = lib.sign_letters(), 6, 32
    params = model.init(key, jnp.zeros((1, 28, 28, 1)))["params"]
    schedule = optax.cosine_decay_schedule(0.002, epochs * len(images) // size)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(schedule))

    def loss(params, images, labels):
        logits = model.apply({"params": params}, images / 255.0)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    @jax.jit
    def step(params, memory, images, labels):
        updates, memory = optimizer.update(jax.grad(loss)(params, images, labels), memory, params)
        return optax.apply_updates(params, updates), memory

    memory, rng = optimizer.init(params), np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for rows in np.split(order[: len(order) // size * size], len(order) // size):
            params, memory = step(params, memory, images[rows], labels[rows])
    return params
