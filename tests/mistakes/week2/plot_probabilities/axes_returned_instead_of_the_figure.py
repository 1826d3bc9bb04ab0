# task: plot_probabilities
# status: failed
# words: "return the figure", "axes"
# points: 0


def plot_probabilities(probabilities, class_names):
    axes = Figure().subplots()
    axes.bar(class_names, probabilities)
    return axes  # <-
