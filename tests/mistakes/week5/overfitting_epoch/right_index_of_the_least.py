# task: overfitting_epoch
# status: passed


def overfitting_epoch(history):
    losses = history["val_loss"]
    epoch = losses.index(min(losses)) + 1
    return epoch if epoch != len(losses) else None
