# task: stop_at_accuracy
# status: failed
# words: "should be a class"
# points: 0


def StopAtAccuracy(epoch, logs):  # <-
    return logs["accuracy"] > 0.99
