# task: plot_history
# status: failed
# words: "two axes", "subplots(1, 2)"


def plot_history(history):
    figure = Figure()
    axes = figure.subplots()
    for name in history:
        axes.plot(range(1, len(history[name]) + 1), history[name], label=name)
    axes.legend()
    return figure
