# task: steps_per_epoch
# status: failed
# words: "when the last batch is full"


def steps_per_epoch(examples, batch_size):
    return examples // batch_size + 1
