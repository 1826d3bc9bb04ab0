# task: precision_recall
# status: passed


def precision_recall(confusion):
    confusion = np.asarray(confusion)
    pairs = []
    for sums in (confusion.sum(axis=0), confusion.sum(axis=1)):
        shares = [confusion[k, k] / sums[k] if sums[k] else 0.0 for k in range(len(sums))]
        pairs.append(np.array(shares))
    return pairs
