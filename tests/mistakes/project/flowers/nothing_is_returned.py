# task: flowers
# status: failed
# words: "returned none"
# points: 0


def train_flowers(images, labels, key):
    state = 7


def predict_flowers(trained, images):
    return np.zeros(len(images), int)
