# task: plot_history
# status: failed
# words: "no line with the values of 'loss'", "x and y are swapped"
# not: "counted from 0"
# points: 0


def plot_history(history):
    figure = Figure()
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(history[name], epochs, label="training")
        axes.plot(history["val_" + name], epochs, label="validation")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.legend()
    return figure
