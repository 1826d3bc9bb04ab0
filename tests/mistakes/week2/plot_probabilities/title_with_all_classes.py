# task: plot_probabilities
# status: failed
# words: "only the most likely class"
# points: 1


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.subplots()
    axes.bar(class_names, probabilities)
    axes.set_ylabel("probability")
    axes.set_title(", ".join(class_names))
    return figure  # <-
