# task: gradient_step
# status: error
# words: "UnexpectedTracerError", "kept"
# points: 0


def gradient_step(weight, bias, x, y, learning_rate):
    kept = []

    def loss(weight, bias):
        kept.append(mean_squared_error(weight * x + bias, y))
        return kept[-1]

    slopes = jax.grad(jax.jit(loss), argnums=(0, 1))(weight, bias)
    print("loss", kept[0] + 1)  # <-
    return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]
