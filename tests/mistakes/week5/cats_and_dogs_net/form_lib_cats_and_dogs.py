# task: cats_and_dogs_net
# status: failed
# words: "you write this one", "lib.cats_and_dogs"


def cats_and_dogs_net():
    return lib.cats_and_dogs()
