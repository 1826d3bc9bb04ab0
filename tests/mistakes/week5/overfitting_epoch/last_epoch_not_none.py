# task: overfitting_epoch
# status: failed
# words: "lowest in the last epoch", "None"
# points: 0


def overfitting_epoch(history):
    return int(np.argmin(history["val_loss"])) + 1
