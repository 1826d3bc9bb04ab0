# task: cross_entropy
# status: passed


def cross_entropy(logits, labels):
    losses = []
    for row, label in zip(np.asarray(logits, np.float64), np.asarray(labels)):
        largest = row.max()
        losses.append(np.log(np.sum(np.exp(row - largest))) + largest - row[label])
    return float(np.mean(losses))
