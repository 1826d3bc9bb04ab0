# task: plot_history
# status: failed
# words: "you write this one", "lib.plots.history_curves"


def plot_history(history):
    return lib.plots.history_curves(history)
