# task: flip
# status: failed
# words: "all four axes"
# not: "top and bottom"
# points: 0


def flip(images):
    return jnp.flip(images)
