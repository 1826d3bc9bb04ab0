# task: rotation_about_centre
# status: failed
# words: "cuts off the half"
# not: "at n / 2"


def rotation_about_centre(degrees, height, width):
    angle = jnp.deg2rad(degrees)
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    row, column = (height - 1) // 2, (width - 1) // 2
    return jnp.array(
        [
            [cosine, sine, row - cosine * row - sine * column],
            [-sine, cosine, column + sine * row - cosine * column],
            [0.0, 0.0, 1.0],
        ]
    )
