# task: flip
# status: failed
# words: "mirrored only the first picture"
# points: 0


def flip(images):
    images = jnp.asarray(images)
    return images.at[0].set(images[0, :, ::-1])
