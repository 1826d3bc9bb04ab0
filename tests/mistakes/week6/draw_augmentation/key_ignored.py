# task: draw_augmentation
# status: failed
# words: "the same key gave different numbers"


def draw_augmentation(key, count, rotation, shift, zoom):
    numbers = np.random.default_rng()
    u = lambda low, high: numbers.uniform(low, high, count)
    return {
        "rotation": u(-rotation, rotation),
        "row_shift": u(-shift, shift),
        "column_shift": u(-shift, shift),
        "row_zoom": u(1 - zoom, 1 + zoom),
        "column_zoom": u(1 - zoom, 1 + zoom),
        "flip": u(0, 1) < 0.5,
    }
