# task: draw_augmentation
# status: passed


def draw_augmentation(key, count, rotation, shift, zoom):
    parts = iter(range(6))

    def draw(low, high):
        return jax.random.uniform(jax.random.fold_in(key, next(parts)), (count,), float, low, high)

    return dict(
        rotation=draw(-rotation, rotation),
        row_shift=draw(-shift, shift),
        column_shift=draw(-shift, shift),
        row_zoom=draw(1 - zoom, 1 + zoom),
        column_zoom=draw(1 - zoom, 1 + zoom),
        flip=draw(0, 1) > 0.5,
    )
