# task: plot_history
# status: passed


def plot_history(history):
    figure = Figure(figsize=(9, 4))
    for place, name in enumerate(["loss", "accuracy"], start=1):
        axes = figure.add_subplot(1, 2, place)
        both = np.stack([history[name], history["val_" + name]], axis=1)
        axes.plot(np.arange(len(both)) + 1, both, marker="o")
        axes.legend(["training " + name, "validation " + name])
        axes.set(xlabel="epoch, from 1", ylabel=name, title=name)
    figure.suptitle("overfitting")
    return figure
