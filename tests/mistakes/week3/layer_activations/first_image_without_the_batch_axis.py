# task: layer_activations
# status: failed
# words: "without the batch axis"
# not: "mean over"
# points: 0


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images, capture_intermediates=True)
    layers = kept["intermediates"]
    return {name: layers[name]["__call__"][-1][0] for name in layers if name != "__call__"}
