# task: layer_activations
# status: failed


def layer_activations(model, params, images):
    return {"logits": model.apply({"params": params}, images)}
