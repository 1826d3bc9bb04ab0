# task: train_augmented
# status: failed
# words: "fresh ones"
# not: "guessing"
# points: 0


def train_augmented(images, labels, key):
    steps = 30 * math.ceil(len(images) / 20)
    optimizer = optax.nadam(optax.linear_schedule(0.001, 0.0, steps))
    state = lib.create_state(lib.cats_and_dogs(), optimizer, images, key)
    return lib.fit(state, images, labels, epochs=30, batch_size=20, key=key)[0].params
