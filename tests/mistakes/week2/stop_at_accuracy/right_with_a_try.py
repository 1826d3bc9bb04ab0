# task: stop_at_accuracy
# status: passed


class StopAtAccuracy:
    def __init__(self, threshold: float = 0.9):
        self.threshold = float(threshold)
        self.seen = []

    def on_epoch_end(self, epoch, logs, state=None):
        try:
            accuracy = logs["accuracy"]
        except KeyError:
            return False
        self.seen.append(accuracy)
        return bool(np.greater(accuracy, self.threshold))
