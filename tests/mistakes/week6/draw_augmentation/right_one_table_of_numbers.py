# task: draw_augmentation
# status: passed


def draw_augmentation(key, count, rotation, shift, zoom):
    least = np.array([-rotation, -shift, -shift, 1 - zoom, 1 - zoom, 0])
    most = np.array([rotation, shift, shift, 1 + zoom, 1 + zoom, 1])
    all = least + (most - least) * jax.random.uniform(key, (count, 6))
    names = ["rotation", "row_shift", "column_shift", "row_zoom", "column_zoom"]
    return dict(zip(names, all.T)) | {"flip": all[:, 5] > 0.5}
