# task: set_last
# status: failed
# words: "appended", "replace the last"
# not: "off by one", "window"
# points: 0


def set_last(values, new):
    return jnp.append(values, new)  # <-
