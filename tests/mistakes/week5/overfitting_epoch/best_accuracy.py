# task: overfitting_epoch
# status: failed
# words: "accuracy is highest"
# points: 0


def overfitting_epoch(history):
    best = int(np.argmax(history["val_accuracy"])) + 1
    return None if best == len(history["val_loss"]) else best
