# task: layer_activations
# status: failed
# words: "this is the output of"
# not: "divided the images by 255"
# points: 0


def layer_activations(model, params, images):
    _, kept = model.apply({"params": params}, images, capture_intermediates=True)
    layers = kept["intermediates"]
    names = [name for name in layers if name != "__call__"]
    outputs = [layers[name]["__call__"][-1] for name in names]
    return dict(zip(names, outputs[1:] + outputs[:1], strict=True))
