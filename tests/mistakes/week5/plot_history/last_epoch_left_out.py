# task: plot_history
# status: failed
# words: "the last epoch is missing"
# points: 0


def plot_history(history):
    figure = Figure()
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
        epochs = range(1, len(history[name]))
        axes.plot(epochs, history[name][:-1], label="training")
        axes.plot(epochs, history["val_" + name][:-1], label="validation")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.legend()
    return figure
