# task: classify_picture
# status: passed


def classify_picture(model, params, picture, class_names):
    image = np.expand_dims(picture / 255, 0).astype(np.float32)
    chance = jax.nn.sigmoid(model.apply({"params": params}, image)).item()
    return (class_names[1] if chance > 0.5 else class_names[0]), chance
