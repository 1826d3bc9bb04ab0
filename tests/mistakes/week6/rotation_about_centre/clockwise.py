# task: rotation_about_centre
# status: failed
# words: "the other way, clockwise"


def rotation_about_centre(degrees, height, width):
    a = jnp.deg2rad(-degrees)
    s, c, y, x = jnp.sin(a), jnp.cos(a), (height - 1) / 2, (width - 1) / 2
    return jnp.array([[c, s, y - c * y - s * x], [-s, c, x + s * y - c * x], [0, 0, 1]])
