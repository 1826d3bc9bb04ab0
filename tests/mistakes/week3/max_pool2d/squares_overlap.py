# task: max_pool2d
# status: failed
# words: "overlap", "move by `size`"
# not: "pad them"
# points: 0


def max_pool2d(image, size):
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    return jnp.asarray(windows.max(axis=(2, 3)))
