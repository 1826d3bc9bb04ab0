# task: layer_activations
# status: passed


def layer_activations(model, params, images):
    filtered = lambda module, method: method == "__call__"
    _, state = model.apply({"params": params}, images, capture_intermediates=filtered, mutable=True)
    found = {}
    for name, calls in state["intermediates"].items():
        if not isinstance(calls, tuple):
            found[name] = np.asarray(calls["__call__"][-1], np.float64)
    return found
