# task: draw_augmentation
# status: failed
# words: "are not independent", "split"


def draw_augmentation(key, count, rotation, shift, zoom):
    u = lambda low, high: jax.random.uniform(key, (count,), minval=low, maxval=high)
    return {
        "rotation": u(-rotation, rotation),
        "row_shift": u(-shift, shift),
        "column_shift": u(-shift, shift),
        "row_zoom": u(1 - zoom, 1 + zoom),
        "column_zoom": u(1 - zoom, 1 + zoom),
        "flip": u(0, 1) < 0.5,
    }
