# task: overfitting_epoch
# status: passed


def overfitting_epoch(history):
    best, lowest, last = None, float("inf"), 0
    for last, loss in enumerate(history["val_loss"], start=1):
        if loss < lowest:
            best, lowest = last, loss
    if best != last:
        return best
