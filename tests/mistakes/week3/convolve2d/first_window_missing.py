# task: convolve2d
# status: failed
# words: "off by one", "first window"
# not: "last window"
# points: 0


def convolve2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(np.float32(image), kernel.shape)
    return jnp.asarray((windows[1:, 1:] * kernel).sum(axis=(2, 3)))
