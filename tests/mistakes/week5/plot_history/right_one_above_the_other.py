# task: plot_history
# status: passed


def plot_history(history):
    figure = Figure()
    axes = figure.subplots(2, 1)
    for axis, name in zip(axes, ["loss", "accuracy"]):
        epochs = np.arange(1.0, len(history[name]) + 1)
        axis.plot(epochs, np.array(history[name]))
        axis.plot(epochs, np.array(history["val_" + name]))
        axis.set_xlabel("epoch")
        axis.set_ylabel(name)
        axis.legend(["training", "validation"])
    return figure
