# task: rotation_about_centre
# status: failed
# words: "radians"


def rotation_about_centre(degrees, height, width):
    s, c, y, x = jnp.sin(degrees), jnp.cos(degrees), (height - 1) / 2, (width - 1) / 2
    return jnp.array([[c, s, y - c * y - s * x], [-s, c, x + s * y - c * x], [0, 0, 1]])
