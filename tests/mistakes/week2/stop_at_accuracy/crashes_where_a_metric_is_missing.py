# task: stop_at_accuracy
# status: error
# words: "KeyError", "accuracy", ".get("
# points: 0.5


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):
        return logs["accuracy"] > self.threshold  # <-
