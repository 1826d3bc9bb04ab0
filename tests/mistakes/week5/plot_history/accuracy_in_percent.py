# task: plot_history
# status: failed
# words: "'accuracy'", "you multiplied the values by 100"
# not: "other axes"
# points: 0


def plot_history(history):
    figure = Figure()
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(
            epochs,
            100 * np.array(history[name]) if name == "accuracy" else history[name],
            label="training",
        )
        axes.plot(epochs, history["val_" + name], label="validation")
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.legend()
    return figure
