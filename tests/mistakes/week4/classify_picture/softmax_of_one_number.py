# task: classify_picture
# status: failed
# words: "softmax over a single number", "sigmoid"


def classify_picture(model, params, picture, class_names):
    logits = model.apply({"params": params}, picture[None] / np.float32(255))
    probability = jax.nn.softmax(logits)
    return class_names[int(jnp.argmax(logits))], probability[0, 0]
