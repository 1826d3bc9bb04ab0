# task: layer_activations
# status: passed


def layer_activations(model, params, images):
    variables = {"params": params}
    _, kept = jax.jit(
        lambda x: model.apply(variables, x, capture_intermediates=True, mutable=True)
    )(images)
    layers = dict(kept["intermediates"])
    del layers["__call__"]
    return {name: list(calls.values())[0][-1] for name, calls in layers.items()}
