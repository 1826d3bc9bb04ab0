# task: steps_per_epoch
# status: failed
# words: "left for the last batch"
# not: "missing"
# points: 0


def steps_per_epoch(examples, batch_size):
    return examples % batch_size
