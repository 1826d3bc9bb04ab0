# task: plot_history
# status: failed
# words: "the legend of loss must call", "loss is called 'validation'", "the two names are swapped"
# not: "['training', 'validation']"
# points: 2


def plot_history(history):
    figure = Figure()
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="validation")
        axes.plot(epochs, history["val_" + name], label="training")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.legend()
    return figure
