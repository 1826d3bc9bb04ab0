# task: steps_per_epoch
# status: passed


def steps_per_epoch(examples, batch_size):
    return int(np.ceil(np.float64(examples) / batch_size))
