# task: layer_activations
# status: failed
# words: "wrapped", "last element"
# points: 0


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images, capture_intermediates=True)
    layers = kept["intermediates"]
    return {  # <-
        name: layers[name]["__call__"] for name in layers if name != "__call__"
    }
