# task: normalise
# status: failed
# words: "the mean to 0"
# points: 0


def normalise(images):
    images = jnp.asarray(images, jnp.float32)
    return (images - images.mean()) / images.std()  # <-
