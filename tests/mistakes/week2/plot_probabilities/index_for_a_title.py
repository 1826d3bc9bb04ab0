# task: plot_probabilities
# status: failed
# words: "index of the class", "class_names["
# points: 1


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.subplots()
    axes.bar(class_names, probabilities)
    axes.set_ylabel("probability")
    axes.set_title(int(np.argmax(probabilities)))
    return figure  # <-
