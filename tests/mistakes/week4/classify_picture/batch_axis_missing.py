# task: classify_picture
# status: error


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, picture / np.float32(255))
    probability = float(jax.nn.sigmoid(logits)[0, 0])
    return class_names[int(probability > 0.5)], probability
