# task: flowers
# status: failed
# words: "whole numbers from 0 to 4"
# points: 0


def train_flowers(images, labels, key):
    return 7


def predict_flowers(trained, images):
    return np.zeros(len(images))
