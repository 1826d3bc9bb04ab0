# task: fit_line
# status: passed


class Line(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dense(1)(x)


def fit_line(x, y, key):
    x, y = x.reshape((-1, 1)), y.reshape((-1, 1))
    params = Line().init(key, x)["params"]
    optimizer = optax.chain(optax.clip_by_global_norm(5.0), optax.rmsprop(0.01))
    opt_state = optimizer.init(params)

    def step(carry, _):
        params, opt_state = carry
        slopes = jax.grad(
            lambda params: optax.l2_loss(Line().apply({"params": params}, x), y).sum()
        )(params)
        updates, opt_state = optimizer.update(slopes, opt_state, params)
        return (optax.apply_updates(params, updates), opt_state), None

    (params, _), _ = jax.lax.scan(step, (params, opt_state), length=2000)
    return params["Dense_0"]
