# task: stop_at_accuracy
# status: failed
# words: ">, not >="
# points: 0.5


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):
        return logs.get("accuracy", 0.0) >= self.threshold  # <-
