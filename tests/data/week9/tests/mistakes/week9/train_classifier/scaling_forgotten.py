# task: train_classifier
# status: failed
# words: "fit scaled columns"
# points: 0


def train_classifier(rows, labels, key):
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    weights, bias = jnp.zeros(4), jnp.float32(0)
    for _ in range(200):
        weights, bias = logistic_step(weights, bias, scaled, labels, 1.0)
    return weights, bias  # <-
