# task: flowers
# status: passed

import jax.numpy as jnp


class Plain(nn.Module):
    @nn.compact
    def __call__(self, x):
        for channels in (16, 32, 64):
            x = lib.MaxPool()(lib.Conv(channels, activation=nn.relu)(x))
        return nn.Dense(5)(nn.relu(nn.Dense(64)(x.reshape(len(x), -1))))


def train_flowers(images, labels, key):
    augment = lib.Augment(
        rotation=15, width_shift=0.1, height_shift=0.1, zoom=0.1, horizontal_flip=True
    )
    model, steps, batch = Plain(), 1500, 16
    params = model.init(key, jnp.zeros((1, *images.shape[1:])))
    optimizer = optax.adamw(optax.cosine_decay_schedule(0.002, steps), weight_decay=0.01)
    images, labels = jnp.asarray(images, jnp.float32) / 255, jnp.asarray(labels)

    @jax.jit
    def step(params, memory, key):
        pick_key, augment_key = jax.random.split(key)
        rows = jax.random.randint(pick_key, (batch,), 0, len(images))
        pictures = augment(augment_key, images[rows])

        def loss(params):
            logits = model.apply(params, pictures)
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels[rows]).mean()

        updates, memory = optimizer.update(jax.grad(loss)(params), memory, params)
        return optax.apply_updates(params, updates), memory

    memory = optimizer.init(params)
    for number in range(steps):
        params, memory = step(params, memory, jax.random.fold_in(key, number))
    return params


def predict_flowers(trained, images):
    logits = jax.jit(Plain().apply)(trained, jnp.asarray(images, jnp.float32) / 255)
    return [int(answer) for answer in logits.argmax(axis=1)]
