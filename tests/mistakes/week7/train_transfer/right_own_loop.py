# task: train_transfer
# status: passed


def train_transfer(backbone, images, labels, key):
    init_key, key = jax.random.split(key)
    both = np.concatenate([images, images[:, :, ::-1]]).astype(np.float32) / 255
    features = jax.jit(lib.SmallBackbone().apply)({"params": backbone}, both)
    labels = jnp.asarray(np.concatenate([labels, labels]))
    model = lib.TransferHead(hidden=64, dropout=0.2, outputs=1)
    head = model.init(init_key, features[:1])["params"]
    optimizer = optax.adamw(0.001)
    memory = optimizer.init(head)

    @jax.jit
    def step(head, memory, batch, targets, key):
        def loss(head):
            logits = model.apply({"params": head}, batch, train=True, rngs={"dropout": key})
            return optax.sigmoid_binary_cross_entropy(logits[:, 0], targets).mean()

        updates, memory = optimizer.update(jax.grad(loss)(head), memory, head)
        return optax.apply_updates(head, updates), memory

    for _ in range(30):
        key, order_key = jax.random.split(key)
        order = jax.random.permutation(order_key, len(features))
        for chosen in order.reshape(-1, 20):
            key, step_key = jax.random.split(key)
            head, memory = step(head, memory, features[chosen], labels[chosen], step_key)
    return {"backbone": backbone, "head": head}
