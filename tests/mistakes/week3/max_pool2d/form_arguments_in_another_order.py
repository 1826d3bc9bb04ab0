# task: max_pool2d
# status: failed
# words: "should take (image, size)", "order"
# points: 0


def max_pool2d(size, image):  # <-
    return image.max()
