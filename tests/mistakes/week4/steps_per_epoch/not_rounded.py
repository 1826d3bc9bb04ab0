# task: steps_per_epoch
# status: failed
# words: "integer"


def steps_per_epoch(examples, batch_size):
    return examples / batch_size
