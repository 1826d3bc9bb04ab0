# task: max_pool2d
# status: failed
# words: "max_and_argmax is the answer itself"
# points: 0


def max_pool2d(image, size):
    import lib.nn.pooling

    return lib.nn.pooling.max_and_argmax(image[None, ..., None], size)[0][0, ..., 0]
