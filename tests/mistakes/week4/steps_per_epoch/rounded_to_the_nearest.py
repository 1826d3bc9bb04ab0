# task: steps_per_epoch
# status: failed
# words: "last batch", "missing"


def steps_per_epoch(examples, batch_size):
    return round(examples / batch_size)
