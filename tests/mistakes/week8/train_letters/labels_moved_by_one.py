# task: train_letters
# status: failed
# words: "does not number them as the labels do"
# not: "guessing"
# points: 0


def train_letters(images, labels, key):
    steps = 6 * math.ceil(len(images) / 32)
    optimizer = optax.adam(optax.linear_schedule(0.002, 0.0, steps))
    state = lib.create_state(lib.sign_letters(), optimizer, images, key)
    return lib.fit(state, images, labels + 1, epochs=6, key=key)[0].params
