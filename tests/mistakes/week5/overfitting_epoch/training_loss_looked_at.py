# task: overfitting_epoch
# status: failed
# words: "where the training loss is lowest"
# not: "accuracy is highest"
# points: 0


def overfitting_epoch(history):
    best = int(np.argmin(history["loss"])) + 1
    return None if best == len(history["loss"]) else best
