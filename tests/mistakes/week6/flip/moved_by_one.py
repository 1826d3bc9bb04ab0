# task: flip
# status: failed
# words: "shifted the columns by one place"
# points: 0


def flip(images):
    return jnp.roll(images, 1, axis=2)
