# task: classify_picture
# status: failed
# words: "did not divide the picture by 255"
# not: "1 or 0", "softmax"


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, jnp.asarray(picture, jnp.float32)[None])
    probability = float(jax.nn.sigmoid(logits)[0, 0])
    return class_names[int(probability > 0.5)], probability
