# task: overfitting_epoch
# status: passed


def overfitting_epoch(history):
    losses = np.array(history["val_loss"])
    epoch = losses.argmin() + 1
    if epoch < len(losses):
        return epoch
