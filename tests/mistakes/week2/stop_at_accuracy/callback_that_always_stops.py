# task: stop_at_accuracy
# status: failed
# words: "true in every case"
# points: 0


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):
        return True  # <-
