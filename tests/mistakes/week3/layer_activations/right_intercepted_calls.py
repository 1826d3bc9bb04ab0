# task: layer_activations
# status: passed


def layer_activations(model, params, images):
    found = {}

    def watch(call, args, kwargs, context):
        output = call(*args, **kwargs)
        if context.method_name == "__call__" and context.module.path:
            found[context.module.name] = output
        return output

    with nn.intercept_methods(watch):
        model.apply({"params": params}, images)
    return found
