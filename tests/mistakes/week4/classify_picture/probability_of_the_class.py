# task: classify_picture
# status: failed
# words: "probability of the class that you name"
# not: "class 0"


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, picture[None] / np.float32(255))
    probability = float(jax.nn.sigmoid(logits)[0, 0])
    number = int(probability > 0.5)
    return class_names[number], probability if number else 1 - probability
