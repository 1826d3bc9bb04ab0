# task: overfitting_epoch
# status: failed
# words: "it returned none for every history"
# points: 0


def overfitting_epoch(history):
    return None
