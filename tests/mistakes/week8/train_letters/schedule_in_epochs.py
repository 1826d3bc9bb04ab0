# task: train_letters
# status: failed
# words: "hardly better than guessing", "hardly moved", "steps"
# not: "before the first step"
# points: 0


def train_letters(images, labels, key):
    optimizer = optax.adam(optax.linear_schedule(0.002, 0.0, 3))
    state = lib.create_state(lib.sign_letters(), optimizer, images, key)
    return lib.fit(state, images[:500], labels[:500], epochs=1, key=key)[0].params
