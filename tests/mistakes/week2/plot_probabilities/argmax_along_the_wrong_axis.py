# task: plot_probabilities
# status: failed
# words: "title", "argmax", "axis"
# points: 1


def plot_probabilities(probabilities, class_names):
    figure = Figure()
    axes = figure.subplots()
    axes.bar(class_names, probabilities)
    axes.set_ylabel("probability")
    best = np.argmax(probabilities[None, :], axis=0)[0]
    axes.set_title(class_names[best])
    return figure  # <-
