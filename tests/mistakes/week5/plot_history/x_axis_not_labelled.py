# task: plot_history
# status: failed
# words: "the x axis of loss is labelled '', not 'epoch'", "set_xlabel"
# points: 2


def plot_history(history):
    figure = Figure()
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="training")
        axes.plot(epochs, history["val_" + name], label="validation")
        axes.set_ylabel(name)
        axes.legend()
    return figure
