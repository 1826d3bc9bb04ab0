# task: flowers
# status: failed
# words: "from 0 to 4"
# points: 0


def train_flowers(images, labels, key):
    return 7


def predict_flowers(trained, images):
    return np.arange(len(images)) % 5 + 1
