# task: plot_history
# status: failed
# words: "no line with the values of 'val_loss'", "line of 'accuracy'"


def plot_history(history):
    figure = Figure()
    for axes, names in zip(
        figure.subplots(1, 2), (("loss", "accuracy"), ("val_loss", "val_accuracy"))
    ):
        for name in names:
            axes.plot(range(1, len(history[name]) + 1), history[name], label=name)
        axes.legend()
    return figure
