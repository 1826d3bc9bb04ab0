# task: normalise
# status: failed
# words: "float16", "three digits", "use float32"
# points: 0


def normalise(images):
    return jnp.asarray(images, jnp.float16) / 255  # <-
