# task: draw_augmentation
# status: failed
# words: "they are around 0"
# points: 0


def draw_augmentation(key, count, rotation, shift, zoom):
    keys = jax.random.split(key, 6)
    u = lambda k, low, high: jax.random.uniform(keys[k], (count,), minval=low, maxval=high)
    return {
        "rotation": u(0, -rotation, rotation),
        "row_shift": u(1, -shift, shift),
        "column_shift": u(2, -shift, shift),
        "row_zoom": u(3, -zoom, zoom),
        "column_zoom": u(4, 1 - zoom, 1 + zoom),
        "flip": u(5, 0, 1) < 0.5,
    }
