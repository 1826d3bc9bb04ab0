# task: layer_activations
# status: error


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images, capture_intermediates=True)
    layers = kept["intermediates"]
    return {name: layers[name]["__call__"][-1] for name in layers}
