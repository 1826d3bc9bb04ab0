# task: normalise
# status: failed
# words: "black and white are swapped"
# points: 0


def normalise(images):
    return 1 - jnp.asarray(images, jnp.float32) / 255  # <-
