# task: plot_probabilities
# status: failed
# words: "percentages"
# points: 1


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.subplots()
    axes.bar(class_names, 100 * probabilities)
    axes.set_ylabel("probability in percent")
    axes.set_title(class_names[int(np.argmax(probabilities))])
    return figure  # <-
