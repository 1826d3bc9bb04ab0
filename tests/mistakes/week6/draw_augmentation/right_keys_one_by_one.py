# task: draw_augmentation
# status: passed


def draw_augmentation(key, count, rotation, shift, zoom):
    result = {}
    for name, middle, most in (
        ("rotation", 0, rotation),
        ("row_shift", 0, shift),
        ("column_shift", 0, shift),
        ("row_zoom", 1, zoom),
        ("column_zoom", 1, zoom),
    ):
        key, mine = jax.random.split(key)
        result[name] = middle + most * jax.random.uniform(mine, (count,), minval=-1)
    result["flip"] = jax.random.randint(key, (count,), 0, 2).astype(bool)
    return result
