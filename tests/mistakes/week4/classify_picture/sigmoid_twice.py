# task: classify_picture
# status: failed
# words: "you took the sigmoid twice"
# not: "255"
# points: 0


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, picture[None] / np.float32(255))
    probability = float(jax.nn.sigmoid(jax.nn.sigmoid(logits))[0, 0])
    return class_names[int(probability > 0.5)], probability
