# task: normalise
# status: failed
# words: "integer", "float", "//"


def normalise(images):
    return jnp.asarray(images) // 255  # <-
