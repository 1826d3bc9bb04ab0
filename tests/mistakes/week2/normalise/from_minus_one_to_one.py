# task: normalise
# status: failed
# words: "−1…1"
# points: 0


def normalise(images):
    return jnp.asarray(images, jnp.float32) / 127.5 - 1  # <-
