# task: normalise
# status: failed
# words: "integer", "float", "//"
# points: 0


def normalise(images):
    return jnp.asarray(images) // 255  # <-
