# task: normalise
# status: failed
# words: "255 twice"
# points: 0


def normalise(images):
    return jnp.asarray(images / 255, jnp.float32) / 255  # <-
