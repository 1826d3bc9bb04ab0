# task: plot_history
# status: passed


def plot_history(history):
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2)
    epochs = np.arange(len(history["loss"])) + 1
    left.plot(epochs, history["val_loss"], "r--", label="Validation loss")
    left.plot(epochs, history["loss"], "b", label="Training loss")
    left.set(xlabel="Epoch", ylabel="Loss", title="loss")
    right.plot(epochs, history["accuracy"], label="training")
    right.plot(epochs, history["val_accuracy"], label="validation")
    right.set(xlabel="epochs", ylabel="accuracy")
    left.legend()
    right.legend()
    return figure
