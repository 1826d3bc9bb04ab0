# task: convolve_rgb
# status: passed


def convolve_rgb(image, kernels):
    view = np.lib.stride_tricks.sliding_window_view(
        np.asarray(image, np.float32), kernels.shape[:2], (0, 1)
    )
    return np.einsum("hwcij,ijcf->hwf", view, kernels)
