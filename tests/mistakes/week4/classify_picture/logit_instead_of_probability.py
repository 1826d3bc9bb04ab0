# task: classify_picture
# status: failed
# words: "this is the logit", "sigmoid"


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, picture[None] / np.float32(255))
    return class_names[int(logits[0, 0] > 0.5)], float(logits[0, 0])
