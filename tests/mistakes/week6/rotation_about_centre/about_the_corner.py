# task: rotation_about_centre
# status: failed
# words: "about the corner"


def rotation_about_centre(degrees, height, width):
    a = jnp.deg2rad(degrees)
    return jnp.array([[jnp.cos(a), jnp.sin(a), 0], [-jnp.sin(a), jnp.cos(a), 0], [0, 0, 1]])
