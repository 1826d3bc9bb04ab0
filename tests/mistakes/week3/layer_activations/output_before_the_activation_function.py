# task: layer_activations
# status: failed
# words: "before the activation function", "[-1]"
# not: "divided the images by 255"
# points: 0


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images, capture_intermediates=True)
    layers = kept["intermediates"]
    return {name: layers[name]["__call__"][0] for name in layers if name != "__call__"}
