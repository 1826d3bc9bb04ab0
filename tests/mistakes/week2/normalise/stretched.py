# task: normalise
# status: failed
# words: "smallest value of these images", "divide by 255"
# points: 0


def normalise(images):
    images = jnp.asarray(images, jnp.float32)
    return (images - images.min()) / (images.max() - images.min())  # <-
