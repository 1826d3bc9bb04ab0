# task: stop_at_accuracy
# status: passed


class StopAtAccuracy:
    def __init__(self, threshold):
        self.limit = threshold

    def on_epoch_end(self, epoch, logs, state):
        if "accuracy" in logs and logs["accuracy"] > self.limit:
            print(f"stopped after epoch {epoch}")
            return True
