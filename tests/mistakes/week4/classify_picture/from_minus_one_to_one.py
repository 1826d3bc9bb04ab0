# task: classify_picture
# status: failed
# words: "-1…1", "learned from 0…1"
# not: "did not divide"
# points: 0


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, picture[None] / np.float32(127.5) - 1)
    probability = float(jax.nn.sigmoid(logits)[0, 0])
    return class_names[int(probability > 0.5)], probability
