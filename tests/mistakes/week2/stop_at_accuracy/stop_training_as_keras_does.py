# task: stop_at_accuracy
# status: error
# words: "stop_training", "Keras", "Let on_epoch_end return True"


class StopAtAccuracy:
    def __init__(self, threshold):
        self.threshold = threshold

    def on_epoch_end(self, epoch, logs, state):
        if logs.get("accuracy", 0.0) > self.threshold:
            self.model.stop_training = True  # <-
        return False
