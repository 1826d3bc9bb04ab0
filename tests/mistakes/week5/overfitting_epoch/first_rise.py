# task: overfitting_epoch
# status: failed
# words: "rises for the first time"
# not: "epochs from 0", "accuracy"


def overfitting_epoch(history):
    losses = history["val_loss"]
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch
    return None
