# task: layer_activations
# status: failed
# words: "first image only"
# not: "batch, is missing"


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images[:1], capture_intermediates=True)
    layers = kept["intermediates"]
    return {name: layers[name]["__call__"][-1] for name in layers if name != "__call__"}
