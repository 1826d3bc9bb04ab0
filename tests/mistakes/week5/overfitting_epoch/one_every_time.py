# task: overfitting_epoch
# status: failed
# words: "it is lowest in epoch"
# not: "epochs from 0", "rises", "every history"
# points: 0


def overfitting_epoch(history):
    return 1
