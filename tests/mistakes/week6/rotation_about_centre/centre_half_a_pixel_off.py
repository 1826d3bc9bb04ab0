# task: rotation_about_centre
# status: failed
# words: "(n − 1) / 2"


def rotation_about_centre(degrees, height, width):
    a = jnp.deg2rad(degrees)
    s, c, y, x = jnp.sin(a), jnp.cos(a), height / 2, width / 2
    return jnp.array([[c, s, y - c * y - s * x], [-s, c, x + s * y - c * x], [0, 0, 1]])
