# task: plot_probabilities
# status: passed


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.add_subplot()
    for name, probability in zip(class_names, probabilities.tolist()):
        axes.bar(name, probability, color="tab:blue")
    axes.set(ylabel="probability", title=class_names[np.asarray(probabilities).argmax()])
    return figure
