# task: plot_probabilities
# status: passed


def plot_probabilities(probabilities, class_names):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.bar(range(len(class_names)), probabilities, color="green")
    axes.set_xticks(range(len(class_names)), class_names)
    axes.set(ylabel="Probability of the class")
    figure.suptitle(f"This is a {class_names[probabilities.argmax()]}")
    return figure
