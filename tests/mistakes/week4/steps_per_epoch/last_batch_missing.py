# task: steps_per_epoch
# status: failed
# words: "last batch", "missing"
# not: "nearest"
# points: 0


def steps_per_epoch(examples, batch_size):
    return examples // batch_size
