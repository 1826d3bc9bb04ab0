# task: stop_at_accuracy
# status: failed
# words: "always 0.99"
# points: 0


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):
        return logs.get("accuracy", 0.0) > 0.99  # <-
