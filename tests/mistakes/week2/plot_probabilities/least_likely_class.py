# task: plot_probabilities
# status: failed
# words: "least likely class", "np.argmax"
# points: 1


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.subplots()
    axes.bar(class_names, probabilities)
    axes.set_ylabel("probability")
    axes.set_title(class_names[int(np.argmin(probabilities))])
    return figure  # <-
