# task: classify_picture
# status: passed


def classify_picture(model, params, picture, class_names):
    def logit(image):
        return model.apply({"params": params}, image[None])[0, 0]

    (value,) = jax.vmap(logit)(jnp.asarray(picture, jnp.float32)[None] / 255)
    probability = 1 / (1 + np.exp(-np.float64(value)))
    return dict(enumerate(class_names))[int(np.round(probability))], probability
