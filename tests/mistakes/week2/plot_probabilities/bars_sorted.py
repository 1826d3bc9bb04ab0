# task: plot_probabilities
# status: failed
# words: "sorted by height", "order of the classes"
# points: 1


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.subplots()
    axes.bar(class_names, sorted(probabilities))
    axes.set_ylabel("probability")
    axes.set_title(class_names[int(np.argmax(probabilities))])
    return figure  # <-
