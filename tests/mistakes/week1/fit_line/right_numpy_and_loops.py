# task: fit_line
# status: passed


def fit_line(x, y, key):
    model = nn.Dense(features=1)
    variables = model.init(key, x[:, None])
    optimizer = optax.sgd(0.02, momentum=0.9)
    memory = optimizer.init(variables)

    @jax.jit
    def step(variables, memory):
        def loss(variables):
            return ((model.apply(variables, x[:, None])[:, 0] - y) ** 2).mean()

        _, slopes = jax.value_and_grad(loss)(variables)
        updates, memory = optimizer.update(slopes, memory)
        return optax.apply_updates(variables, updates), memory

    for _ in range(1000):
        variables, memory = step(variables, memory)
    return variables
