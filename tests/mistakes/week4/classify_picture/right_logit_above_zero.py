# task: classify_picture
# status: passed


def classify_picture(model, params, picture, class_names):
    batch = jnp.stack([jnp.asarray(picture) / 255.0])
    logit = model.apply({"params": params}, batch).squeeze()
    return [class_names[1 if logit > 0 else 0], 1 / (1 + jnp.exp(-logit))]
