# task: stop_at_accuracy
# status: failed
# words: "did not stop", "no return"
# points: 0


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):  # <-
        logs.get("accuracy", 0.0) > self.threshold
