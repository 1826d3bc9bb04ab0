# task: plot_history
# status: failed
# words: "must return a figure", "return the figure"
# points: 0


def plot_history(history):
    import matplotlib.pyplot as plt

    plt.plot(history["loss"])
    plt.plot(history["val_loss"])
    return plt.gca()
