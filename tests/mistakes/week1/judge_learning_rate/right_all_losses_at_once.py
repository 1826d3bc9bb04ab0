# task: judge_learning_rate
# status: passed


def judge_learning_rate(x, y, learning_rate):
    losses = jnp.array(train_line(x, y, learning_rate, 100)[2])
    first, last = losses[0], losses[-1]
    if jnp.isnan(last) or jnp.isinf(last) or last > first:
        return "diverges"
    if 10 * last > first:
        return "too small"
    return "good"
