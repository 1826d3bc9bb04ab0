# task: overfitting_epoch
# status: failed
# words: "the epoch after it"
# not: "epochs from 0"
# points: 0


def overfitting_epoch(history):
    losses = list(history["val_loss"])
    best = losses.index(min(losses)) + 1
    return None if best == len(losses) else best + 1
