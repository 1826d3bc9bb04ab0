# task: sample
# status: failed
# words: "affine_transform"


def sample(image, matrix, fill_mode):
    return lib.affine_transform(image[None], matrix, fill_mode)[0]
