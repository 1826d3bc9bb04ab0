# task: overfitting_epoch
# status: failed
# words: "return the earliest"


def overfitting_epoch(history):
    losses = history["val_loss"]
    best = max(k for k, loss in enumerate(losses, 1) if loss == min(losses))
    return None if best == len(losses) else best
