# task: layer_activations
# status: failed
# words: "divided the images by 255"
# not: "before the activation"
# points: 0


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images / 255, capture_intermediates=True)
    layers = kept["intermediates"]
    return {name: layers[name]["__call__"][-1] for name in layers if name != "__call__"}
