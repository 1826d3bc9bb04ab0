# task: rotation_about_centre
# status: failed
# words: "the shift back is missing"
# points: 0


def rotation_about_centre(degrees, height, width):
    a = jnp.deg2rad(degrees)
    turn = jnp.array([[jnp.cos(a), jnp.sin(a), 0], [-jnp.sin(a), jnp.cos(a), 0], [0, 0, 1]])
    to = jnp.array([[1, 0, (1 - height) / 2], [0, 1, (1 - width) / 2], [0, 0, 1]])
    return turn @ to
