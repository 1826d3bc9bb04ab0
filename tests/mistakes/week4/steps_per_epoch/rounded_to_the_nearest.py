# task: steps_per_epoch
# status: failed
# words: "rounded to the nearest"
# not: "the last batch, which is smaller"
# points: 0


def steps_per_epoch(examples, batch_size):
    return round(examples / batch_size)
