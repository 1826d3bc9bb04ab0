# task: overfitting_epoch
# status: failed
# words: "counted the epochs from 0"


def overfitting_epoch(history):
    best = int(np.argmin(history["val_loss"]))
    return None if best == len(history["val_loss"]) - 1 else best
