# task: flowers
# status: passed


def train_flowers(images, labels, key):
    states = {}
    for number, channels in enumerate(((12, 24, 48), (16, 32, 32))):
        model = lib.ConvClassifier(channels, hidden=64, classes=5)
        steps = 60 * -(-len(images) // 16)
        state = lib.create_state(
            model,
            optax.adam(optax.linear_schedule(0.002, 0.0, steps)),
            images,
            jax.random.fold_in(key, number),
            augment=lib.Augment(rotation=20, zoom=0.1, width_shift=0.1, horizontal_flip=True),
        )
        states[number] = lib.fit(state, images, labels, epochs=60, batch_size=16, key=key)[0]
    return states


def predict_flowers(trained, images):
    return sum(lib.probabilities(lib.predict(s, images)) for s in trained.values()).argmax(axis=1)
