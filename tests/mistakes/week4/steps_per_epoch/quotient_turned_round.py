# task: steps_per_epoch
# status: failed
# words: "batch_size / examples"
# not: "last batch"
# points: 0


def steps_per_epoch(examples, batch_size):
    return math.ceil(batch_size / examples)
