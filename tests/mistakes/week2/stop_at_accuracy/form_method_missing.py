# task: stop_at_accuracy
# status: failed
# words: "no method on_epoch_end"
# points: 0


class StopAtAccuracy:  # <-
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_ends(self, epoch, logs, state):
        return logs.get("accuracy", 0.0) > self.threshold
