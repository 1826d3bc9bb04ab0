# task: convolve2d
# status: passed


def convolve2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(np.float64(image), kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)
