# task: plot_history
# status: failed
# words: "counted from 0", "range(1", "0, 1, 2, 3"


def plot_history(history):
    figure = Figure()
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
        axes.plot(history[name], label="training")
        axes.plot(history["val_" + name], label="validation")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.legend()
    return figure
